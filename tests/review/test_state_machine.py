"""Whatever several people do in whatever order: no case reaches a state that is forbidden.

Nothing becomes final without a person, nobody lowers alone what two must lower, a case has one holder, events
and counts say what the cases say, and the audit chains hold.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.counts import CountChange, change_counts
from db.further_readings import return_expired
from db.ids import new_id, now
from db.models import AuditEntry, Case, Clinician, Event, FurtherReading, Platform, PlatformGrant, Review
from db.review_queue import return_expired_claims
from db.session import SessionFactory, make_sessions
from review import amendments, blind, claims, decisions, keeping, undoing
from review.rules import Rules
from review.schemas import Amendment, DecisionRequest, Reveal
from tests.factories import make_case
from tests.review.conftest import add_reader, make_assessment
from tests.review.invariants import faults
from triage import RANK, load_diagnoses, load_policy, second_reading
from web.problem import Problem

PEOPLE = ("anna", "ben", "carla", "senior", "other senior", "elsewhere", "administrator")
ROLES = {"senior": "senior", "other senior": "senior", "administrator": "administrator"}
CASES = 5
LEVELS = ("emergency", "urgent", "priority", "routine", "self_care")
RULES = Rules(load_policy(), load_diagnoses(), timedelta(hours=1), timedelta(hours=1))

people = st.sampled_from(PEOPLE)
# The door lets readers in and nobody else (see the matrix of grants).
readers = people.filter(lambda name: name != "administrator")
busy = st.sampled_from(("anna", "ben", "carla", "senior", "other senior"))
# The newest first: most of what people do is about what they did last.
recent = st.integers(0, 2)
levels = st.sampled_from(LEVELS)
diagnoses = st.sampled_from(("mpox", "nev", "eczema", "other", None))


verdicts = st.sampled_from(("confirm", *["override"] * 5, "retake", "escalate"))


# What must have happened in all those sequences, or they say nothing.
DONE = {
    "review.revealed", "review.override", "review.undone", "review.amended", "review.second_reading",
    "review.second.override", "review.adjudication", "review.adjudication.override",
}  # fmt: skip


class Reviewing(RuleBasedStateMachine):
    """A few people, a few cases, and all that can be done to them."""

    sessions: SessionFactory

    @initialize(blind=st.booleans(), level=levels.filter(lambda level: level != "self_care"))
    def begin(self, blind: bool, level: str) -> None:
        with self.sessions() as session:
            self.platform = Platform(name=f"platform {new_id()}")
            session.add(self.platform)
            session.flush()
            self.region = f"R-{new_id().hex[-12:]}"
            self.people = {name: self._person(session, name).id for name in PEOPLE}
            session.commit()
        self.cases = 0
        self.come(blind, level, "mpox", False)
        self.claim("anna")
        self.come(not blind, level, "nev", False)

    @rule(
        blind=st.booleans(), level=levels.filter(lambda level: level != "self_care"),
        condition=st.sampled_from(("mpox", "nev")), known=st.booleans(),
    )  # fmt: skip
    def come(self, blind: bool, level: str, condition: str, known: bool) -> None:
        """A case that the model has read comes to the queue: few, so that much happens to each."""
        if self.cases == CASES:
            return
        self.cases += 1
        cells = [] if known else [{"condition": condition, "status": "preliminary"}]
        with self.sessions() as session:
            case = make_case(
                session, self.platform, level=level, status="awaiting_review", assess_state="done",
                blind=blind, known=known, counted=cells, region=self.region,
                rank=max(3, RANK[level]) if known else RANK[level],  # type: ignore[index]
            )  # fmt: skip
            make_assessment(session, case, condition, level)
            change_counts(session, [CountChange(case.accepted_at, case.region, [], cells)])
            session.commit()

    @rule(person=readers)
    def claim(self, person: str) -> None:
        taken = claims.claim_most_urgent(self.sessions, self.people[person], RULES.lease)
        assert taken is None or person != "elsewhere"

    @rule(person=busy, level=levels, diagnosis=diagnoses, verdict=verdicts, asks=st.booleans())
    def read(self, person: str, level: str, diagnosis: str | None, verdict: str, asks: bool) -> None:
        """What people do most: claim, record the own reading where it is asked for, decide."""
        self.claim(person)
        self.reveal(person, 0, level, diagnosis or "other")
        self.decide(person, 0, level, diagnosis, asks, verdict)

    @rule(person=busy, second=busy, level=levels, diagnosis=diagnoses, asks=st.booleans())
    def read_by_two(self, person: str, second: str, level: str, diagnosis: str | None, asks: bool) -> None:
        """One reads and asks for another perhaps, who finds the same."""
        self.read(person, level, diagnosis, "override", asks)
        self.read_again(second)

    @rule(
        first=busy, second=busy, senior=st.sampled_from(("senior", "other senior")),
        level=levels, other=levels, last=levels, diagnosis=diagnoses,
    )  # fmt: skip
    def dispute(
        self, first: str, second: str, senior: str, level: str, other: str, last: str, diagnosis: str | None
    ) -> None:
        """Two find what they find, and a senior has the last word where there is something to decide."""
        self.read(first, level, diagnosis, "override", True)
        self.read(second, other, "mpox", "override", False)
        self.read(senior, last, diagnosis, "override", False)

    @rule(person=readers)
    def read_again(self, person: str) -> None:
        """Claim, and find what the one before found."""
        self.claim(person)
        self.reveal(person, 0, "urgent", "mpox")
        self.agree(person, 0)

    @rule(person=people, nth=recent, level=levels, diagnosis=diagnoses.filter(bool))
    def reveal(self, person: str, nth: int, level: str, diagnosis: str) -> None:
        request = Reveal.model_validate({"blind_level": level, "blind_diagnosis": diagnosis})
        review = self._review(person, nth)
        with may_be_refused():
            blind.reveal(self.sessions, RULES.diagnoses, review.clinician_id, review.id, request)

    @rule(
        person=people, nth=recent, level=levels, diagnosis=diagnoses, asks=st.booleans(),
        verdict=verdicts,
    )  # fmt: skip
    def decide(
        self, person: str, nth: int, level: str, diagnosis: str | None, asks: bool, verdict: str
    ) -> None:
        fields: dict[str, Any] = {
            "confirm": {"second_reading": asks},
            "override": {
                "level": level, "diagnosis": diagnosis, "reason": "seen", "second_reading": asks,
            },
            "retake": {"reason": "too dark"},
            "escalate": {},
        }[verdict]  # fmt: skip
        review = self._review(person, nth)
        if review.kind in ("second", "adjudication"):
            fields.pop("second_reading", None)
            if verdict == "confirm":
                fields["reason"] = "seen"
        self._decide(review, DecisionRequest.model_validate({"verdict": verdict, **fields}))

    @rule(person=people, nth=recent)
    def agree(self, person: str, nth: int) -> None:
        """A second reader or senior who finds what the first one found; chance would seldom do so."""
        review = self._review(person, nth)
        with self.sessions() as session:
            found = select(FurtherReading.review_id).where(FurtherReading.review_token == review.id)
            checked = session.scalar(select(Review).where(Review.id == found.scalar_subquery()))
        if checked is not None:
            same = {"level": checked.level, "diagnosis": checked.diagnosis_code or checked.diagnosis}
            self._decide(review, DecisionRequest(verdict="override", reason="I agree.", **same))

    @rule(person=people, nth=recent)
    def undo(self, person: str, nth: int) -> None:
        review = self._review(person, nth)
        with may_be_refused():
            undoing.undo(self.sessions, RULES, review.clinician_id, review.id)

    @rule(person=people, nth=recent)
    def give_back(self, person: str, nth: int) -> None:
        review = self._review(person, nth)
        with may_be_refused():
            keeping.release(self.sessions, review.clinician_id, review.id)

    @rule(person=busy, to=people, nth=recent)
    def hand_over(self, person: str, to: str, nth: int) -> None:
        self.claim(person)
        review = self._review(person, nth)
        with may_be_refused():
            keeping.hand_over(self.sessions, review.clinician_id, review.id, self.people[to], RULES.lease)

    @rule(now_and_then=st.sampled_from((False, False, True)))
    def leases_end(self, now_and_then: bool) -> None:
        if not now_and_then:
            return
        later = now() + 2 * RULES.lease
        with self.sessions.begin() as session:
            return_expired(session, later)
            return_expired_claims(session, later, actor="system")

    @rule()
    def windows_close(self) -> None:
        """What is decided becomes final, and its events leave."""
        passed = now()
        mine = select(Case.id).where(Case.platform_id == self.platform.id)
        with self.sessions.begin() as session:
            session.execute(
                update(Case).where(Case.id.in_(mine), Case.final_at > passed).values(final_at=passed)
            )
            for review in session.scalars(select(Review).where(Review.case_id.in_(mine))):
                if review.before:
                    review.before = {**review.before, "until": None}
                if review.final_at and review.final_at > passed:
                    review.final_at = passed
            session.execute(
                update(Event)
                .where(Event.case_id.in_(mine), Event.available_at > passed)
                .values(available_at=passed)
            )
            session.execute(
                update(Event)
                .where(Event.case_id.in_(mine), Event.dispatched_at.is_(None))
                .values(dispatched_at=passed)
            )

    @rule(person=busy, level=levels, corrected=levels, diagnosis=diagnoses)
    def correct(self, person: str, level: str, corrected: str, diagnosis: str | None) -> None:
        """Decide, think again, and find out later still."""
        self.read(person, level, "nev", "override", False)
        self.undo(person, 0)
        self.decide(person, 0, level, "nev", False, "override")
        self.windows_close()
        self.amend(person, 0, corrected, diagnosis)

    @rule(person=people, nth=recent, level=levels, diagnosis=diagnoses)
    def amend(self, person: str, nth: int, level: str, diagnosis: str | None) -> None:
        request = Amendment.model_validate({"level": level, "diagnosis": diagnosis, "reason": "found later"})
        review = self._review(person, nth)
        before = self._case(review.case_id)
        with may_be_refused():
            amendment_id = amendments.amend(self.sessions, RULES, self.people[person], review.id, request)
            self._may_lower_alone(before, amendment_id)

    @invariant()
    @precondition(lambda self: hasattr(self, "platform"))
    def no_case_is_in_a_forbidden_state(self) -> None:
        with self.sessions() as session:
            assert faults(session, [self.platform.id], self.region) == []

    def teardown(self) -> None:
        """The trail of all that was done holds, and says how each case ended."""
        with self.sessions() as session:
            assert verify_chains(session) == []

    def _decide(self, review: Review, request: DecisionRequest) -> None:
        before = self._case(review.case_id)
        with may_be_refused():
            decisions.decide(self.sessions, RULES, review.clinician_id, review.id, request)
            if review.kind in ("first", "amendment"):
                self._may_lower_alone(before, review.id)

    def _may_lower_alone(self, before: Case, review_id: UUID) -> None:
        """One person alone lowered a level: the policy asks for nobody else."""
        after = self._case(before.id)
        if RANK[after.level] <= RANK[before.level]:  # type: ignore[index]
            return
        with self.sessions() as session:
            decided = session.get_one(Review, review_id)
            why = second_reading(
                RULES.policy.readings, before=before.level, decided=after.level,  # type: ignore[arg-type]
                diagnosis=decided.diagnosis, ai_level=self._ai_level(session, before), review_id=review_id,
            )  # fmt: skip
        assert why == (), f"lowered alone from {before.level} to {after.level}"
        assert decided.reason

    def _ai_level(self, session: Session, case: Case) -> Any:
        assessment = decisions.current_assessment(session, case)
        return assessment.level if assessment else None

    def _case(self, case_id: UUID) -> Case:
        with self.sessions() as session:
            return session.get_one(Case, case_id)

    def _review(self, person: str, nth: int) -> Review:
        """One of the person's reviews, the newest first; of a person without any, somebody's."""
        mine = select(Review).join(Case, Case.id == Review.case_id).order_by(Review.id.desc())
        mine = mine.where(Case.platform_id == self.platform.id)
        with self.sessions() as session:
            own = session.scalars(mine.where(Review.clinician_id == self.people[person])).all()
            found = own or session.scalars(mine).all()
        return found[min(nth, len(found) - 1)]

    def _person(self, session: Session, name: str) -> Clinician:
        fields = {"all_platforms": False, "role": ROLES.get(name, "clinician")}
        if name == "elsewhere":
            fields["regions"] = ["XX"]
        person = add_reader(session, f"{new_id()}@example.org", name=name, **fields)
        session.add(PlatformGrant(clinician_id=person.id, platform_id=self.platform.id))
        session.flush()
        return person


@contextmanager
def may_be_refused() -> Iterator[None]:
    """What is not possible is refused in words, and changes nothing; anything else is a fault."""
    try:
        yield
    except Problem as problem:
        if problem.status not in (404, 409, 422):
            raise


def as_always(**limits: int) -> settings:
    """The same sequences each time; a failure is shown as it was found, since each step asks a database."""
    return settings(
        deadline=None, derandomize=True, database=None, phases=(Phase.generate,), print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False, **limits,
    )  # fmt: skip


def test_no_order_of_actions_reaches_a_forbidden_state(engine: Any) -> None:
    machine = type("OnThisDatabase", (Reviewing,), {"sessions": make_sessions(engine)})
    run_state_machine_as_test(machine, settings=as_always(max_examples=10, stateful_step_count=25))
    with make_sessions(engine)() as session:
        assert set(session.scalars(select(AuditEntry.action))) >= DONE


def test_the_machine_finds_one_who_lowers_alone_what_two_must_lower(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.first_decision.why_read_again", lambda deciding: ())
    machine = type("OnThisDatabase", (Reviewing,), {"sessions": make_sessions(engine)})
    with pytest.raises(AssertionError, match="lowered alone"):
        run_state_machine_as_test(machine, settings=as_always(max_examples=60, stateful_step_count=20))
