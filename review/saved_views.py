"""A reader's own filters, kept under names."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import new_id, now
from db.models import SavedView
from db.queue_filters import Filters
from review.queue_filters import parameters

MOST = 20
LONGEST_NAME = 60


def views_of(session: Session, clinician_id: UUID) -> Sequence[SavedView]:
    """The views of this person, by name."""
    mine = select(SavedView).where(SavedView.clinician_id == clinician_id)
    return session.scalars(mine.order_by(func.lower(SavedView.name), SavedView.name)).all()


def save(session: Session, clinician_id: UUID, name: str, filters: Filters) -> bool:
    """Keep the filters under this name, in place of what it held; False where there are too many views."""
    names = {view.name for view in views_of(session, clinician_id)}
    if name not in names and len(names) >= MOST:
        return False
    row = insert(SavedView).values(
        id=new_id(), clinician_id=clinician_id, name=name, filters=parameters(filters), created_at=now()
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["clinician_id", "name"], set_={"filters": row.excluded.filters}
        )
    )
    return True


def forget(session: Session, clinician_id: UUID, view_id: UUID) -> None:
    """Delete a view of this person; nothing happens where it is not there."""
    session.execute(
        delete(SavedView)
        .where(SavedView.id == view_id, SavedView.clinician_id == clinician_id)
        .execution_options(synchronize_session=False)
    )
