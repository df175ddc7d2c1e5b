"""One decision on its way into the database: everything is written in the transaction of its session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.counts import CountChange, change_counts
from db.events import record_event
from db.further_changes import ToOpen, open_reading
from db.models import Case, Event, Review
from db.moves import move_one
from review.claims import actor
from review.effects import Effect, without_traces
from review.restoring import kept
from review.rules import Rules
from review.shown_case import DECIDING
from review.verdicts import Outcome
from triage import RANK, Laboratory, Level, due_at


@dataclass(frozen=True)
class Deciding:
    """Who says what about which case, by which rules, and when. The case is locked."""

    session: Session
    rules: Rules
    review: Review
    case: Case
    verdict: str
    outcome: Outcome
    laboratory: Laboratory | None
    ai_level: Level | None
    at: datetime
    requested: bool = False

    @property
    def level_in_force(self) -> Level:
        """The level of the case before this decision."""
        return cast(Level, self.case.level)

    @property
    def lowers(self) -> bool:
        """True where the level given is less urgent than the one in force."""
        return RANK[self.outcome.level] > RANK[self.level_in_force]

    @property
    def undo_until(self) -> datetime:
        """When a result becomes final: at once for an emergency."""
        return self.at if self.outcome.level == "emergency" else self.at + self.rules.undo

    def apply(self, effect: Effect, action: str, remark: str = "") -> dict[str, Any]:
        """Write an effect; what is needed to undo it."""
        case = self.case
        if case.known:
            effect = without_traces(effect)
        before = {
            "status": case.status,
            "left": effect.status,
            "case": kept(case, effect.values.keys() - {"reviewer_id", "review_token", "review_until"}),
        }
        move_one(
            self.session, case.id, Case.status == case.status,
            status=effect.status, action=action, actor=actor(self.review.clinician_id),
            detail=f"review:{self.review.id} level:{self.outcome.level}{remark}", at=self.at,
            values={getattr(Case, name): value for name, value in effect.values.items()},
        )  # fmt: skip
        if "counted" in effect.values:
            after = effect.values["counted"]
            change_counts(self.session, [CountChange(case.accepted_at, case.region, case.counted, after)])
        events = [
            record_event(
                self.session, event, platform_id=case.platform_id, case_id=case.id, level=effect.level,
                available_at=available_at,
            )
            for event, available_at in effect.events
        ]  # fmt: skip
        return before | {"events": [str(event.id) for event in events]}

    def close(
        self, *, final_at: datetime | None, before: dict[str, Any] | None = None, undo: bool = True
    ) -> None:
        """Write down the reading itself. `final_at`: from when it is the result, None while it is not."""
        review, outcome = self.review, self.outcome
        review.decided_at, review.final_at, review.undone_at = self.at, final_at, None
        review.verdict, review.level, review.reason = self.verdict, outcome.level, outcome.reason
        review.diagnosis, review.diagnosis_code = outcome.diagnosis, outcome.diagnosis_code
        review.laboratory = self.laboratory.model_dump(mode="json") if self.laboratory else None
        undoable = undo and self.undo_until > self.at
        until = self.undo_until.isoformat() if undoable else None
        review.before = before | {"until": until} if before else None

    def ask_for(
        self,
        kind: str,
        why: tuple[str, ...],
        *,
        takes_effect: bool,
        level: Level,
        checked: Review | None = None,
    ) -> UUID:
        """Let another person read the case; `level` is the one in force. The id of the further reading."""
        first = checked or self.review
        both = {first.clinician_id, self.review.clinician_id}
        asked = ToOpen(
            case_id=self.case.id,
            kind=kind,
            review_id=first.id,
            other_review_id=self.review.id if checked else None,
            why=why,
            takes_effect=takes_effect,
            excluded=sorted(both),
            rank=RANK[level],
            due_at=due_at(self.at, level, self.rules.policy),
        )
        return open_reading(self.session, asked, actor(self.review.clinician_id), self.at)


def standing_review(session: Session, case_id: UUID) -> Review | None:
    """The decision whose result stands, where one does."""
    return session.scalar(
        select(Review)
        .where(Review.case_id == case_id, Review.final_at.is_not(None), Review.verdict.in_(DECIDING))
        .order_by(Review.final_at.desc(), Review.decided_at.desc())
        .limit(1)
    )


def settle(session: Session, case: Case, at: datetime) -> None:
    """What can still be undone is final from now on, and its event leaves before those that build on it."""
    session.execute(
        update(Review)
        .where(Review.case_id == case.id, Review.final_at > at)
        .values(final_at=at)
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(Event)
        .where(Event.case_id == case.id, Event.available_at > at)
        .values(available_at=at)
        .execution_options(synchronize_session="fetch")
    )
