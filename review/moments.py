"""Moments as pages show them: UTC, with the date only where it is not today."""

from datetime import datetime

from markupsafe import Markup

from db.ids import now


def clock(moment: datetime, *, seconds: bool = False) -> Markup:
    """A `<time>` element such as `14:05 UTC`, with the date where it is another day."""
    time = "%H:%M:%S UTC" if seconds else "%H:%M UTC"
    form = time if moment.date() == now().date() else f"%d %b {time}"
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), moment.strftime(form))
