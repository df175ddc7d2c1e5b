"""Moments as pages show them: UTC, with the date only where it is not today."""

from datetime import datetime

from markupsafe import Markup

from db.ids import now


def clock(moment: datetime) -> Markup:
    """A `<time>` element such as `14:05 UTC`, with the date where it is another day."""
    form = "%H:%M UTC" if moment.date() == now().date() else "%d %b %H:%M UTC"
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), moment.strftime(form))
