"""Known cases: copies that are read like any other, and of which nobody outside ever hears."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import now
from db.image_store import ImageStore, content_hash
from db.models import (
    ApiKey,
    Assessment,
    AuditEntry,
    Case,
    Clinician,
    Event,
    FurtherReading,
    Image,
    KnownCase,
    Platform,
    Review,
    SaliencyMap,
    SurveillanceCount,
)
from db.session import SessionFactory
from dermtriage.cli import group
from review.known_cases import seed
from tests.factories import make_case, make_image
from tests.review.conftest import ApiClient, add_reader, token_for
from triage import load_policy
from web.access import SESSION_COOKIE
from web.credentials import create_api_key
from web.problem import Problem

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]
PHOTOGRAPH = b"not a picture, but bytes"


@pytest.fixture
def second_rules() -> dict[str, Any]:
    return {"emergency_downgraded": True, "diagnoses": ["mpox"]}


@pytest.fixture
def administrator(session: Session) -> Clinician:
    return add_reader(session, "chief@example.org", role="administrator")


@pytest.fixture
def source(api: ApiClient, waiting: Waiting, session: Session, images: ImageStore) -> Case:
    """A case that the model took for urgent mpox and a reader for a routine eczema; final."""
    case = waiting("mpox", "urgent")
    images.put(case.platform_id, content_hash(PHOTOGRAPH), PHOTOGRAPH)
    make_image(session, case, sha256=content_hash(PHOTOGRAPH))
    session.add(
        SaliencyMap(assessment_id=session.scalars(select(Assessment.id)).one(), position=0, png=b"png")
    )
    session.commit()
    decision = {"verdict": "override", "level": "routine", "diagnosis": "eczema", "reason": "Dry."}
    api.decide(api.claim()["id"], **decision)
    passed = now() - timedelta(seconds=1)
    session.execute(update(Case).values(final_at=passed))
    session.execute(update(Review).values(final_at=passed))
    session.commit()
    return case


@pytest.fixture
def add(sessions: SessionFactory, images: ImageStore, administrator: Clinician) -> Callable[..., UUID]:
    def copy(case: Case, **known: Any) -> UUID:
        return seed(sessions, images, load_policy(), administrator.id, case.id, **known)

    return copy


def test_a_copy_is_the_case_as_it_stood_before_anybody_decided(
    source: Case, add: Callable[..., UUID], stored: Stored, session: Session, images: ImageStore
) -> None:
    copy, old = stored(add(source)), stored(source.id)
    assert (copy.known, copy.status, copy.level, copy.rank) == (True, "awaiting_review", "urgent", 3)
    assert (copy.counted, copy.completed_at, copy.region) == ([], None, old.region)
    assert "clinician.override" not in str(copy.reasons)
    assert copy.patient_ref != old.patient_ref
    assert copy.clinical == old.clinical | {"patient_ref": copy.patient_ref}
    known = session.scalars(select(KnownCase)).one()
    assert (known.case_id, known.source_case_id) == (copy.id, source.id)
    assert (known.level, known.diagnosis) == ("routine", "other")
    platform = session.get_one(Platform, copy.platform_id)
    assert (platform.name, session.scalars(select(ApiKey)).all()) == ("known cases", [])
    image = session.scalars(select(Image).where(Image.case_id == copy.id)).one()
    assert images.get(copy.platform_id, image.sha256) == PHOTOGRAPH
    assert image.platform_id == copy.platform_id
    assessment = session.scalars(select(Assessment).where(Assessment.case_id == copy.id)).one()
    assert (assessment.level, assessment.findings[0]["condition"]) == ("urgent", "mpox")
    assert session.get(SaliencyMap, (assessment.id, 0)) is not None
    seeded = session.scalars(select(AuditEntry).where(AuditEntry.case_id == copy.id)).one()
    assert seeded.action == "case.seeded"
    assert verify_chains(session) == []


def test_what_it_is_known_to_be_can_be_given(
    source: Case, add: Callable[..., UUID], session: Session
) -> None:
    add(source, level="urgent", diagnosis="chickenpox")
    known = session.scalars(select(KnownCase)).one()
    assert (known.level, known.diagnosis) == ("urgent", "chickenpox")


def test_a_copy_never_stands_ahead_of_a_real_case_of_priority(
    other_api: ApiClient, source: Case, add: Callable[..., UUID], waiting: Waiting
) -> None:
    copy = add(source)
    real = waiting("nev", "priority", due_at=now() + timedelta(days=300))
    assert other_api.claim()["case_id"] == str(real.id)
    assert other_api.claim()["case_id"] == str(copy)


def test_its_reader_cannot_tell_it_from_another(
    app: Flask, other_api: ApiClient, source: Case, add: Callable[..., UUID], waiting: Waiting
) -> None:
    add(source)
    known = other_api.claim()
    real = other_api.claim(waiting("mpox", "urgent").id)
    assert (known["kind"], known.keys()) == (real["kind"], real.keys())
    assert known["case"].keys() == real["case"].keys()
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, other_api.token)
    page = browser.get(f"/review/cases/{known['id']}").text
    for body in (str(known), page):
        assert [word for word in ("known case", "'known'", "synthetic copy", "seeded") if word in body] == []
    decided = other_api.decide(known["id"], verdict="confirm").json
    alike = other_api.decide(real["id"], verdict="confirm").json
    assert (decided["kind"], decided["state"]) == (alike["kind"], alike["state"])
    assert all((decided[name] is None) == (alike[name] is None) for name in alike)


@pytest.mark.parametrize(
    "decision",
    [
        {"verdict": "confirm"},
        {"verdict": "override", "level": "emergency", "diagnosis": "mpox", "reason": "x"},
        {"verdict": "override", "level": "self_care", "reason": "x", "second_reading": True},
        {"verdict": "retake", "reason": "Too dark."},
        {"verdict": "escalate"},
    ],
)
def test_its_decision_is_kept_and_nobody_hears_of_it(
    other_api: ApiClient, source: Case, add: Callable[..., UUID], stored: Stored, session: Session,
    decision: dict[str, Any],
) -> None:  # fmt: skip
    events = set(session.scalars(select(Event.id)))
    counts = session.execute(select(SurveillanceCount.condition, SurveillanceCount.count)).all()
    copy = add(source)
    review_id = other_api.claim()["id"]
    assert other_api.decide(review_id, **decision).status_code == 200
    done = stored(copy)
    assert (done.status, done.counted) == ("completed", [])
    review = session.get_one(Review, UUID(review_id))
    assert (review.kind, review.verdict) == ("known", decision["verdict"])
    assert set(session.scalars(select(Event.id))) == events
    assert session.execute(select(SurveillanceCount.condition, SurveillanceCount.count)).all() == counts
    assert session.scalars(select(FurtherReading).where(FurtherReading.case_id == copy)).all() == []
    assert other_api.post("/v1/reviews/claim").status_code == 204
    assert verify_chains(session) == []


def test_its_decision_can_be_undone_like_any_other(
    other_api: ApiClient, source: Case, add: Callable[..., UUID], stored: Stored
) -> None:
    copy = add(source)
    review_id = other_api.claim()["id"]
    other_api.decide(review_id, verdict="confirm")
    assert other_api.post(f"/v1/reviews/{review_id}/undo").status_code == 200
    assert stored(copy).status == "in_review"


def test_what_is_not_decided_or_known_itself_is_not_copied(
    source: Case, add: Callable[..., UUID], session: Session
) -> None:
    platform = session.scalars(select(Platform)).first()
    assert platform is not None
    for case, status in ((make_case(session, platform), 409), (Case(id=uuid4()), 404)):
        with pytest.raises(Problem) as refused:
            add(case)
        assert refused.value.status == status
    copy = session.get_one(Case, add(source))
    with pytest.raises(Problem) as refused:
        add(copy)
    assert refused.value.status == 404


def test_erasing_the_source_erases_its_copies(
    app: Flask, source: Case, add: Callable[..., UUID], session: Session, images: ImageStore
) -> None:
    copy = session.get_one(Case, add(source))
    platforms = (source.platform_id, copy.platform_id)
    secret = create_api_key(session, source.platform_id, "erases", ["cases:erase"])
    session.commit()
    answer = app.test_client().delete(f"/v1/cases/{source.id}", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 204
    session.expire_all()
    for table in (Case, Image, Assessment, KnownCase, SaliencyMap):
        assert session.scalars(select(table)).all() == [], table
    for platform_id in platforms:
        assert not images.exists(platform_id, content_hash(PHOTOGRAPH))
    assert verify_chains(session) == []


def test_the_administrators_page_adds_and_lists_them(
    app: Flask, source: Case, administrator: Clinician, session: Session, api: ApiClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, token_for(session, administrator))
    assert "There is no known case yet" in browser.get("/review/known-cases").text
    added = browser.post("/review/known-cases", data={"case_id": str(source.id)}, follow_redirects=True)
    assert "The known case waits in the queue" in added.text
    assert "routine" in added.text
    refused = browser.post("/review/known-cases", data={"case_id": "nonsense"}, follow_redirects=True)
    assert "No case" in refused.text
    browser.set_cookie(SESSION_COOKIE, api.token)
    assert browser.get("/review/known-cases").status_code == 403


def test_the_command_adds_one(app: Flask, source: Case, administrator: Clinician, session: Session) -> None:
    arguments = ["known-case", "add", str(source.id), "--by", administrator.email]
    answer = CliRunner().invoke(group, arguments)
    assert answer.exit_code == 0, answer.output
    known = session.scalars(select(KnownCase)).one()
    assert answer.output == f"known case: {known.case_id}\n"
    for wrong, said in (
        (["--by", "nobody@example.org"], "no administrator"),
        (["--level", "high"], "known: emergency"),
        (["--diagnosis", "flu"], "known: mpox"),
    ):
        answer = CliRunner().invoke(group, [*arguments, *wrong])
        assert (answer.exit_code, said in answer.output) == (2, True)


def test_the_reserved_platform_gets_no_key(app: Flask) -> None:
    for arguments in (["platform", "create", "known cases"], ["platform", "key", "known cases"]):
        answer = CliRunner().invoke(group, arguments)
        assert (answer.exit_code, "kept for known cases" in answer.output) == (2, True)
