"""Whether cases are shown to the model. Intake and review go on when they are not."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import ModelControl


def set_paused(session: Session, paused: bool) -> None:
    """Pause or resume for all workers: the claim itself looks, so no worker can miss it."""
    session.execute(update(ModelControl).values(paused=paused, changed_at=now()))


def is_paused(session: Session) -> bool:
    """True while no case is claimed for the model."""
    return bool(session.scalar(select(ModelControl.paused)))
