"""Notices of lateness follow their case: open while it waits late, ended while it is held or over."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, null, or_, update
from sqlalchemy.orm import Session

from db.models import Case, FurtherReading, Notice

KIND = "overdue"
CLOSED = ("completed", "cancelled")


def settle_notices(session: Session, case_ids: Any, at: datetime) -> None:
    """Let the notices of these cases be open where the case waits late, and ended where it does not.

    What a person has ended stays ended. Call it in the transaction in which a case is claimed or given back.
    """
    waits = or_(
        and_(
            Notice.subject == "",
            exists().where(
                Case.id == Notice.case_id, Case.status.not_in(("in_review", *CLOSED)), Case.due_at < at
            ),
        ),
        exists().where(
            FurtherReading.case_id == Notice.case_id,
            func.concat("further:", FurtherReading.id) == Notice.subject,
            FurtherReading.state == "waiting",
        ),
    )
    session.execute(
        update(Notice)
        .where(
            Notice.case_id.in_(case_ids),
            Notice.kind == KIND,
            Notice.ended_by.is_(None),
            Notice.ended_at.is_(None) != waits,
        )
        .values(ended_at=case((waits, null()), else_=at))
        .execution_options(synchronize_session=False)
    )
