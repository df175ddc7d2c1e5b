"""Which model is wanted, which one is on trial, and whether cases are shown to the model at all.

Intake and review go on when they are not. Moments are the database's, so that a worker can say which
activation it has followed whatever its clock says.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import ModelControl


class Choice(NamedTuple):
    """A model by its reference, the weights hash it must have, and since when it is chosen.

    Without `ref`: for the active model each worker's own `WORKER_MODEL_REF`, for the one on trial none.
    Without `revision`: whatever weights the first worker finds there.
    """

    ref: str | None
    revision: str | None
    since: datetime | None


class Wanted(NamedTuple):
    """What workers are to have loaded; `at` is the moment of this answer, later than any change it shows."""

    active: Choice
    shadow: Choice
    paused: bool
    at: datetime


def wanted(session: Session) -> Wanted:
    """What workers are to have loaded. Waits for a change that is being written."""
    control = session.scalars(select(ModelControl).with_for_update(read=True)).one()
    at: datetime | None = session.scalar(select(func.clock_timestamp()))
    assert at is not None  # noqa: S101 - the clock always answers
    return Wanted(
        Choice(control.active_ref, control.active_revision, control.active_since),
        Choice(control.shadow_ref, control.shadow_revision, control.shadow_since),
        control.paused,
        at,
    )


def activate(session: Session, ref: str | None, revision: str | None) -> datetime:
    """Want this model from now on; since when. None: each worker's own `WORKER_MODEL_REF`."""
    since = _moment_of_change(session)
    session.execute(
        update(ModelControl).values(
            active_ref=ref, active_revision=revision, active_since=since, changed_at=since
        )
    )
    return since


def put_on_trial(session: Session, ref: str | None, revision: str | None) -> datetime:
    """Let this model assess in the shadow what is assessed from now on; since when. None: no model."""
    since = _moment_of_change(session)
    session.execute(
        update(ModelControl).values(
            shadow_ref=ref, shadow_revision=revision, shadow_since=since, changed_at=since
        )
    )
    return since


def pin_active_revision(session: Session, since: datetime | None, revision: str) -> bool:
    """Hold the weights that a worker found for an activation that named none; False when others did."""
    result = session.execute(
        update(ModelControl)
        .where(
            ModelControl.active_ref.is_not(None),
            ModelControl.active_revision.is_(None),
            ModelControl.active_since == since,
        )
        .values(active_revision=revision, changed_at=now())
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _moment_of_change(session: Session) -> datetime:
    """The moment, with the row locked: nobody who looked before it can take its moment for a later one."""
    session.execute(select(ModelControl.id).with_for_update())
    moment: datetime | None = session.scalar(select(func.clock_timestamp()))
    assert moment is not None  # noqa: S101 - the clock always answers
    return moment


def set_paused(session: Session, paused: bool) -> None:
    """Pause or resume for all workers: the claim itself looks, so no worker can miss it."""
    session.execute(update(ModelControl).values(paused=paused, changed_at=now()))


def is_paused(session: Session) -> bool:
    """True while no case is claimed for the model."""
    return bool(session.scalar(select(ModelControl.paused)))
