"""A level only rises; photographs that cannot be graded are asked for again once at most."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.ids import new_id
from db.queue_changes import LockedCase
from triage import (
    CONDITIONS,
    Clinical,
    Finding,
    Findings,
    ImageQuality,
    decide,
    example_clinical,
    load_policy,
)
from worker import outcome

POLICY = load_policy()
ACCEPTED = datetime(2026, 3, 2, 12, tzinfo=UTC)
CASE = LockedCase(
    id=new_id(),
    platform_id=new_id(),
    accepted_at=ACCEPTED,
    region="FR-75",
    round=0,
    status="assessing",
    assess_state="leased",
    level="routine",
    rank=3,
    due_at=ACCEPTED + timedelta(days=7),
    flags=[],
    reasons=[{"rule": "default.routine", "text": "No rule asks for more."}],
    counted=[],
    attempts=0,
    batch_limit=8,
    lease_batch=8,
)


def findings(top: str = "nev", gradable: bool = True) -> Findings:
    probabilities = {condition: 0.9 if condition == top else 0.1 / 9 for condition in CONDITIONS}
    return Findings(
        findings=tuple(Finding(condition=c, probability=p) for c, p in probabilities.items()),
        image_quality=(ImageQuality(gradable=gradable, issues=() if gradable else ("blurred",)),),
    )


def assessed(case: LockedCase, reading: Findings) -> LockedCase:
    clinical = Clinical.model_validate(example_clinical())
    return outcome.assessed(case, reading, decide(reading, clinical, POLICY), POLICY)


def test_a_result_moves_the_case_to_clinicians_and_ends_its_suspicion() -> None:
    after = assessed(CASE, findings())
    assert (after.status, after.assess_state, after.batch_limit) == ("awaiting_review", "done", 0)


def test_suspected_mpox_raises_the_level_and_the_due_time_counts_from_acceptance() -> None:
    after = assessed(CASE, findings("mpox"))
    assert (after.level, after.due_at) == ("urgent", ACCEPTED + timedelta(hours=4))
    assert after.counted == [{"condition": "mpox", "status": "preliminary"}]


def test_a_level_in_force_is_never_lowered_and_its_reasons_stay() -> None:
    case = replace(CASE, level="urgent", rank=1, reasons=[{"rule": "by_hand", "text": "Escalated."}])
    after = assessed(case, findings())
    assert (after.level, after.rank, after.due_at) == ("urgent", 1, ACCEPTED + timedelta(hours=4))
    assert after.reasons[0]["rule"] == "by_hand"
    assert len(after.reasons) > 1


def test_new_photographs_are_asked_for_once() -> None:
    first = assessed(CASE, findings(gradable=False))
    assert (first.status, first.assess_state, first.level) == ("needs_retake", "none", "not_gradable")
    second = assessed(replace(CASE, round=1), findings(gradable=False))
    assert (second.status, second.assess_state) == ("awaiting_review", "done")
    assert "image_quality" in second.flags


def test_photographs_that_cannot_be_graded_are_not_counted() -> None:
    counted = [{"condition": "mpox", "status": "preliminary"}]
    assert assessed(replace(CASE, counted=counted), findings(gradable=False)).counted == []


def test_a_case_in_review_is_not_sent_back_for_photographs() -> None:
    after = assessed(replace(CASE, status="in_review"), findings(gradable=False))
    assert (after.status, after.assess_state) == ("in_review", "done")


@pytest.mark.parametrize(("together", "limit"), [(16, 8), (5, 2), (3, 1), (2, 1)])
def test_a_lost_batch_is_halved_until_its_cases_run_alone(together: int, limit: int) -> None:
    after = outcome.lost(replace(CASE, lease_batch=together), 3, POLICY)
    assert (after.batch_limit, after.attempts, after.status) == (limit, 0, "queued")


def test_a_case_that_was_lost_by_itself_but_not_as_a_suspect_is_not_blamed() -> None:
    after = outcome.lost(replace(CASE, lease_batch=1, batch_limit=0), 3, POLICY)
    assert (after.attempts, after.batch_limit) == (0, 1)


def test_a_suspect_that_was_lost_alone_counts_an_attempt() -> None:
    after = outcome.lost(replace(CASE, lease_batch=1, batch_limit=4), 3, POLICY)
    assert (after.attempts, after.batch_limit, after.assess_state) == (1, 1, "waiting")


def test_a_cancelled_case_never_waits_again() -> None:
    cancelled = replace(CASE, status="cancelled")
    for after in (outcome.lost(cancelled, 3, POLICY), outcome.given_back(cancelled)):
        assert (after.status, after.assess_state) == ("cancelled", "none")
