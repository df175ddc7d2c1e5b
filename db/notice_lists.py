"""Open notices as pages show them: with their case by what the person may know of it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, literal, not_, or_, select
from sqlalchemy.orm import Session

from db.models import Case, Notice
from db.readers import READING_ROLES, Reader, may_read

SHOWN = 200
# Seniors hear what clinicians hear too.
HEARS = {"senior": ("senior", "clinician")}


class OpenNotice(NamedTuple):
    """A notice; `level` and `due_at` are the case's, null where it is about no case."""

    id: UUID
    kind: str
    stage: int
    role: str
    case_id: UUID | None
    subject: str
    detail: str
    created_at: datetime
    level: str | None
    due_at: datetime | None

    @property
    def is_further(self) -> bool:
        """True where a second reading or adjudication is late, not the case."""
        return self.subject.startswith("further:")


def notices_for(session: Session, reader: Reader, at: datetime, limit: int = SHOWN) -> list[OpenNotice]:
    """What this person's role must hear of, the furthest stage first, then the oldest; a case once.

    Readers hear of cases that they may read only, and of a blind one by the times and level of intake.
    """
    found = [
        notice
        for role in HEARS.get(reader.role, (reader.role,))
        for notice in _of_role(session, reader, role, at, limit)
    ]
    found.sort(key=lambda notice: (-notice.stage, notice.created_at, notice.id))
    furthest: dict[tuple[str, UUID | None, str], OpenNotice] = {}
    for notice in found:
        furthest.setdefault((notice.kind, notice.case_id, notice.subject), notice)
    return list(furthest.values())[:limit]


def _of_role(session: Session, reader: Reader, role: str, at: datetime, limit: int) -> list[OpenNotice]:
    reads = reader.role in READING_ROLES
    level, due_at = (Case.shown_level, Case.shown_due_at) if reads else (Case.level, Case.due_at)
    query = (
        select(
            Notice.id, Notice.kind, Notice.stage, Notice.role, Notice.case_id, Notice.subject,
            _detail(reads), Notice.created_at, level, due_at,
        )
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(*_told_to(reader, role, at))
        .order_by(Notice.created_at, Notice.id)
        .limit(limit)
    )  # fmt: skip
    return [OpenNotice._make(row) for row in session.execute(query)]


def is_told(session: Session, reader: Reader, notice_id: UUID, at: datetime) -> bool:
    """Whether this person's own role hears of the notice: who does not may not end it either."""
    found = (
        select(Notice.id)
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(Notice.id == notice_id, *_told_to(reader, reader.role, at))
    )
    return session.scalar(found) is not None


def _told_to(reader: Reader, role: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions on notices with their cases."""
    told = (Notice.ended_at.is_(None), Notice.role == role)
    if reader.role not in READING_ROLES:
        return told
    return (*told, or_(Notice.case_id.is_(None), and_(*may_read(reader), _may_be_told(at))))


def _may_be_told(at: datetime) -> ColumnElement[bool]:
    """That a blind case is late by the due time of an AI result would tell of that result."""
    told_by_the_result = and_(Case.blind, Notice.kind == "overdue", Case.shown_due_at >= at)
    return not_(told_by_the_result)


def _detail(reads: bool) -> ColumnElement[str]:
    """It names the level in force, which a reader of a blind case must not know."""
    return case((and_(literal(reads), Case.blind), literal("")), else_=Notice.detail)
