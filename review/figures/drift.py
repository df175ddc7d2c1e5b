"""Is a model overruled more, or less, than it used to be? A weekly watch over its override share.

Each complete week is compared with the weeks before it by the pooled two-proportion z test (NIST/SEMATECH
e-Handbook of Statistical Methods, 7.3.3), with Shewhart's 3-sigma limits as in a control chart for
proportions (the same, 6.3.3.2). The reference counts as measured, not as known, so where it is small the
limits are wider than that chart's.
"""

from collections import defaultdict
from datetime import datetime
from math import sqrt
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.counts import iso_week
from db.ids import now
from db.models import Assessment, ModelVersion
from db.notices import ADMINISTRATOR, raise_notice
from db.session import SessionFactory
from review.figures.figure import Figure, rate
from review.figures.readings import readings
from review.figures.window import WEEK, Window, window_until

REFERENCE_WEEKS = 8
SIGMAS = 3
# Below these counts of readings a week or its reference says nothing.
WEEK_MINIMUM = 30
REFERENCE_MINIMUM = 100
# How far back alarms are looked for: a worker may have been down, and corrections come late.
ALARM_WEEKS = 4


class Week(NamedTuple):
    """One model's week: overridden of all answers, the same of its reference, and z where it can be told."""

    revision: str
    week: str
    overridden: int
    n: int
    reference_overridden: int
    reference_n: int
    complete: bool

    @property
    def share(self) -> Figure:
        """The override rate of the week."""
        return rate(self.overridden, self.n)

    @property
    def reference(self) -> Figure:
        """The override rate of the weeks before."""
        return rate(self.reference_overridden, self.reference_n)

    @property
    def z(self) -> float | None:
        """How many standard errors the week lies from its reference; None where too few were read."""
        if self.n < WEEK_MINIMUM or self.reference_n < REFERENCE_MINIMUM:
            return None
        pooled = (self.overridden + self.reference_overridden) / (self.n + self.reference_n)
        error = sqrt(pooled * (1 - pooled) * (1 / self.n + 1 / self.reference_n))
        difference = self.overridden / self.n - self.reference_overridden / self.reference_n
        return difference / error if error else 0.0

    @property
    def drifts(self) -> bool:
        """True for a complete week that lies outside the limits."""
        return self.complete and self.z is not None and abs(self.z) > SIGMAS


def weekly(
    session: Session, window: Window, at: datetime, scope: tuple[ColumnElement[bool], ...] = ()
) -> list[Week]:
    """Every model's weeks of a window in which it was read, by model and week."""
    found = _counts(session, window.longer_by(REFERENCE_WEEKS), scope)
    before = window.longer_by(REFERENCE_WEEKS).weeks
    return [
        _week(revision, week, counts, before, at)
        for revision, counts in sorted(found.items())
        for week in window.weeks
        if week in counts
    ]


def _counts(
    session: Session, window: Window, scope: tuple[ColumnElement[bool], ...]
) -> dict[str, dict[str, tuple[int, int]]]:
    """Per model revision and week: overridden and all answers of first readings with a gradable AI result."""
    read = readings(window, scope)
    rows = session.execute(
        select(
            ModelVersion.revision, read.c.week,
            func.count().filter(read.c.verdict == "override"), func.count(),
        )
        .join(Assessment, Assessment.id == read.c.assessment_id)
        .join(ModelVersion, ModelVersion.id == Assessment.model_version_id)
        .where(read.c.kind == "first", read.c.graded, read.c.answered)
        .group_by(ModelVersion.revision, read.c.week)
    )  # fmt: skip
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for revision, week, overridden, n in rows:
        found[revision][week] = (overridden, n)
    return found


def _week(
    revision: str, week: str, counts: dict[str, tuple[int, int]], weeks: list[str], at: datetime
) -> Week:
    place = weeks.index(week)
    reference = [counts.get(each, (0, 0)) for each in weeks[place - REFERENCE_WEEKS : place]]
    return Week(
        revision,
        week,
        *counts[week],
        sum(overridden for overridden, _ in reference),
        sum(n for _, n in reference),
        complete=week < iso_week(at),
    )


def raise_alarms(sessions: SessionFactory) -> int:
    """Tell administrators of each drifting week, once; how many are new."""
    at = now()
    window = window_until(at - WEEK, ALARM_WEEKS)
    with sessions.begin() as session:
        drifting = [week for week in weekly(session, window, at) if week.drifts]
        return sum(_tell(session, week) for week in drifting)


def _tell(session: Session, week: Week) -> bool:
    overridden = f"override:{week.overridden}/{week.n}"
    before = f"reference:{week.reference_overridden}/{week.reference_n}"
    return raise_notice(
        session,
        "drift",
        ADMINISTRATOR,
        subject=f"{week.revision}|{week.week}",
        detail=f"{overridden} {before}",
    )
