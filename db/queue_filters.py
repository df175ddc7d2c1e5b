"""Filters of the queue's list: by what may be shown of a case, so that they tell nothing of an AI result."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import aliased

from db.models import Assessment, Case, KnownCase

SOON = timedelta(hours=1)

Lateness = Literal["late", "soon", "later"]


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; nothing set: all that waits. `further`: second readings only."""

    level: str | None = None
    lateness: Lateness | None = None
    flag: str | None = None
    platform: UUID | None = None
    region: str | None = None
    language: str | None = None
    no_ai_result: bool = False
    further: bool = False

    def conditions(self, at: datetime) -> tuple[ColumnElement[bool], ...]:
        """The conditions on a case; `further` is not one of them."""
        conditions: list[ColumnElement[bool]] = []
        if self.level:
            conditions.append(Case.shown_level == self.level)
        if self.lateness:
            conditions.append(_lateness(self.lateness, at))
        if self.flag:
            conditions.append(shown_flags().contains([self.flag]))
        if self.platform:
            conditions.append(or_(Case.platform_id == self.platform, _copied_from(self.platform)))
        if self.region:
            conditions.append(or_(Case.region == self.region, Case.region.startswith(f"{self.region}-")))
        if self.language:
            conditions.append(Case.language == self.language)
        if self.no_ai_result:
            conditions.append(and_(~Case.blind, ~has_ai_result()))
        return tuple(conditions)


def shown_flags() -> ColumnElement[list[str]]:
    """The flags that may be shown: those of intake, where the first reading is blind."""
    return case((Case.blind, Case.provisional_flags), else_=Case.flags)


def has_ai_result() -> ColumnElement[bool]:
    """Whether the model has read the case's newest photographs."""
    return exists(select(Assessment.id).where(Assessment.case_id == Case.id, Assessment.round == Case.round))


def _copied_from(platform_id: UUID) -> ColumnElement[bool]:
    """A known case lies under a platform of its own; it is found by that of its source, as any other is."""
    source = aliased(Case)
    copied = select(KnownCase.case_id).join(source, source.id == KnownCase.source_case_id)
    of_this = copied.where(KnownCase.case_id == Case.id, source.platform_id == platform_id)
    return and_(Case.known, of_this.exists())


def _lateness(lateness: Lateness, at: datetime) -> ColumnElement[bool]:
    if lateness == "late":
        return Case.shown_due_at < at
    if lateness == "soon":
        return Case.shown_due_at.between(at, at + SOON)
    return Case.shown_due_at > at + SOON
