"""Claiming and keeping second readings and adjudications, within the caller's transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import further_readings
from db.ids import now
from db.models import Case, FurtherReading
from db.overdue_notices import settle_notices
from db.readers import Reader, may_read


def claim_that_further(
    session: Session, reader: Reader, further_id: UUID, at: datetime, lease: timedelta
) -> UUID | None:
    """Claim one further reading in the caller's transaction; None when it cannot be had."""
    review_id = further_readings.claim(session, reader, further_id, at, lease)
    if review_id:
        case_id = select(FurtherReading.case_id).where(FurtherReading.id == further_id)
        settle_notices(session, case_id, at)
    return review_id


def renew_further(session: Session, reader: Reader, until: datetime, case_id: UUID) -> UUID | None:
    """Hold the reader's further reading of this case until then; None where there is none."""
    if session.scalar(select(Case.id).where(Case.id == case_id, *may_read(reader))) is None:
        return None
    held = further_readings.held_by(session, reader.id, now())
    tokens = [further.review_token for further in held if further.case_id == case_id]
    renewed = (
        token for token in tokens if token and further_readings.renew(session, token, reader.id, until)
    )
    return next(renewed, None)


def claim_further_of(
    session: Session, reader: Reader, case_id: UUID, at: datetime, lease: timedelta
) -> UUID | None:
    """Claim the further reading that waits for this case; None where the reader may take none."""
    waiting = session.scalar(
        select(FurtherReading.id)
        .join(Case, Case.id == FurtherReading.case_id)
        .where(FurtherReading.case_id == case_id, *further_readings.claimable_by(reader))
        .limit(1)
    )
    return claim_that_further(session, reader, waiting, at, lease) if waiting else None
