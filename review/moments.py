"""Moments as pages show them: UTC, with the date only where it is not today."""

from datetime import datetime

from flask_babel import format_date
from markupsafe import Markup

from db.ids import now


def clock(moment: datetime, *, seconds: bool = False) -> Markup:
    """A `<time>` element such as `14:05 UTC`, with the date where it is another day."""
    time = moment.strftime("%H:%M:%S UTC" if seconds else "%H:%M UTC")
    shown = time if moment.date() == now().date() else f"{format_date(moment.date(), 'd MMM')} {time}"
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), shown)
