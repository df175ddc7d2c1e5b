"""A queued case is assessed once in effect: assessment, level, event, count and audit in one transaction."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.models import Assessment, AuditEntry, Case, Event, SurveillanceCount
from db.moves import choose, move
from tests.worker.conftest import MakePipeline, PlaceCase


def event_types(session: Session, case: Case) -> list[str]:
    found = session.scalars(select(Event.type).where(Event.case_id == case.id).order_by(Event.id))
    return list(found)


@pytest.mark.parametrize("overlap", [True, False])
def test_every_waiting_case_is_assessed_once(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline, overlap: bool
) -> None:
    cases = [place_case(seed=n) for n in range(7)]
    assert make_pipeline(batch_size=3, overlap=overlap).run() == 3
    for case in cases:
        session.refresh(case)
        assert (case.status, case.assess_state, case.lease_token) == ("awaiting_review", "done", None)
        assert event_types(session, case) == ["case.assessed"]
    assert session.scalar(select(func.count()).select_from(Assessment)) == 7
    assert verify_chains(session) == []


def test_an_assessment_says_what_made_it(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case()
    pipeline = make_pipeline()
    pipeline.run()
    assessment = session.scalars(select(Assessment)).one()
    assert assessment.provenance["weights_sha256"] == pipeline.model.revision
    assert assessment.provenance["policy_version"] == pipeline.committer.policy.label
    assert assessment.provenance["batch_size"] == 1
    assert not assessment.late
    assert len(assessment.findings) == 10
    session.refresh(case)
    assert case.level == assessment.level
    assert case.reasons == assessment.reasons


def test_the_audit_names_the_worker_and_the_states_passed(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case()
    make_pipeline(owner="worker-7").run()
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.case_id == case.id).order_by(AuditEntry.seq)
    ).all()
    assert [(entry.action, entry.old_status, entry.new_status) for entry in entries[1:]] == [
        ("case.claimed", "queued", "assessing"),
        ("case.assessed", "assessing", "awaiting_review"),
    ]
    session.refresh(case)
    assert entries[2].detail == case.level
    assert {entry.actor for entry in entries[1:]} == {"worker:worker-7"}


def test_the_top_condition_is_counted_as_preliminary(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case()
    make_pipeline().run()
    assessment = session.scalars(select(Assessment)).one()
    top = assessment.findings[0]["condition"]
    session.refresh(case)
    assert case.counted == [{"condition": top, "status": "preliminary"}]
    counted = session.scalars(select(SurveillanceCount)).one()
    assert (counted.region, counted.condition, counted.status, counted.count) == (
        case.region,
        top,
        "preliminary",
        1,
    )


def test_a_worker_that_lost_its_lease_writes_nothing(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    place_case()
    frozen, other = make_pipeline(owner="frozen"), make_pipeline(owner="other")
    batch = frozen.load()
    assert batch
    back = {Case.assess_state: "waiting", Case.lease_token: None}
    move(session, choose(), status="queued", action="case.returned", actor="test", values=back)
    session.commit()
    other.run()
    frozen.commit(frozen.compute(batch))
    assert session.scalar(select(func.count()).select_from(Assessment)) == 1
    assert session.scalar(select(func.count()).select_from(Event)) == 1
    assert session.scalar(select(func.sum(SurveillanceCount.count))) == 1


def test_a_held_case_gets_its_late_result_without_being_moved(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case(status="in_review")
    make_pipeline().run()
    session.refresh(case)
    assert (case.status, case.assess_state) == ("in_review", "done")
    assert session.scalars(select(Assessment)).one().late
    assert event_types(session, case) == ["case.assessed"]


def test_a_late_result_changes_nothing_that_a_clinician_decided(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    decided = [{"condition": "mpox", "status": "suspected"}]
    case = place_case(status="completed", level="self_care", counted=decided, flags=["red_flag"])
    before = (case.status, case.level, case.rank, case.due_at, case.flags, case.reasons, case.counted)
    make_pipeline().run()
    session.refresh(case)
    after = (case.status, case.level, case.rank, case.due_at, case.flags, case.reasons, case.counted)
    assert after == before
    assert session.scalars(select(Assessment)).one().late
    assert session.scalars(select(SurveillanceCount)).all() == []


def test_a_level_that_a_clinician_raised_is_not_lowered_by_the_model(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case(status="in_review", level="emergency")
    make_pipeline().run()
    session.refresh(case)
    assert (case.level, case.rank) == ("emergency", 0)
    assert "default.emergency" in {reason["rule"] for reason in case.reasons}


def test_a_cancelled_case_gets_no_result(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case(status="cancelled")
    make_pipeline().run()
    session.refresh(case)
    assert (case.status, case.assess_state) == ("cancelled", "none")
    assert session.scalars(select(Assessment)).all() == []
    assert event_types(session, case) == []


def test_an_erased_case_leaves_no_trace_of_its_result(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    erased, kept = place_case(seed=1), place_case(seed=2)
    pipeline = make_pipeline()
    batch = pipeline.load()
    assert batch
    session.delete(erased)
    session.commit()
    pipeline.commit(pipeline.compute(batch))
    assert session.scalars(select(Assessment.case_id)).all() == [kept.id]
