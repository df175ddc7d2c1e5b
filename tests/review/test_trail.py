"""Who saw which case when stands in its chain; who reads the chain stands there too."""

import json
from collections.abc import Callable
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.image_store import ImageStore, content_hash
from db.models import AuditEntry, Case, Clinician
from db.moves import move_one
from dermtriage.local.drawing import Picture, draw_jpeg
from tests.factories import make_image
from tests.review.conftest import ApiClient, token_for
from tests.review.figures.conftest import SignedIn, signed_in
from web.access import SESSION_COOKIE

__all__ = ["signed_in"]

Waiting = Callable[..., Case]


def _entries(session: Session, case_id: UUID, action: str) -> list[AuditEntry]:
    session.expire_all()
    query = select(AuditEntry).where(AuditEntry.case_id == case_id, AuditEntry.action == action)
    return list(session.scalars(query.order_by(AuditEntry.seq)))


def test_opening_a_case_leaves_one_entry_a_review_and_session(
    api: ApiClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    case = waiting()
    review = api.claim()["id"]
    for _ in range(3):
        api.get(f"/v1/reviews/{review}")
    (seen,) = _entries(session, case.id, "review.seen")
    assert seen.actor == f"clinician:{reader.id}"
    assert seen.detail.startswith(f"review:{review} session:")
    assert (seen.old_status, seen.new_status) == ("in_review", "in_review")
    assert verify_chains(session) == []


def test_another_session_and_another_review_leave_entries_of_their_own(
    app: Flask, api: ApiClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    case = waiting()
    first = api.claim()["id"]
    page = app.test_client()
    page.set_cookie(SESSION_COOKIE, token_for(session, reader))
    assert page.get(f"/review/cases/{first}").status_code == 200
    assert page.get(f"/review/cases/{first}").status_code == 200
    assert len(_entries(session, case.id, "review.seen")) == 2
    api.post(f"/v1/reviews/{first}/release")
    second = api.claim()["id"]
    details = [entry.detail.split()[0] for entry in _entries(session, case.id, "review.seen")]
    assert details == [f"review:{first}", f"review:{first}", f"review:{second}"]


def test_the_photographs_of_a_case_leave_no_entries_of_their_own(
    api: ApiClient, waiting: Waiting, session: Session, images: ImageStore
) -> None:
    case = waiting()
    data = draw_jpeg(Picture(1, 3, "pustule", 5))
    images.put(case.platform_id, content_hash(data), data)
    for position in range(2):
        make_image(session, case, sha256=content_hash(data), position=position)
    photographs = api.claim()["case"]["photographs"]
    for photograph in (*photographs, *photographs):
        assert api.get(photograph["href"]).status_code == 200
    assert len(_entries(session, case.id, "review.seen")) == 1


def test_photographs_open_to_no_session_whose_seeing_is_not_noted(
    app: Flask, api: ApiClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    case = waiting()
    make_image(session, case, sha256="a" * 64)
    (photograph,) = api.claim()["case"]["photographs"]
    elsewhere = ApiClient(app.test_client(), token_for(session, reader))
    assert elsewhere.get(photograph["href"]).status_code == 403
    assert len(_entries(session, case.id, "review.seen")) == 1


def test_what_is_no_longer_held_is_not_seen(api: ApiClient, waiting: Waiting, session: Session) -> None:
    case = waiting()
    review = api.claim()["id"]
    api.post(f"/v1/reviews/{review}/release")
    session.execute(text("SET session_replication_role = replica"))
    session.execute(delete(AuditEntry).where(AuditEntry.action == "review.seen"))
    session.commit()
    api.get(f"/v1/reviews/{review}")
    assert _entries(session, case.id, "review.seen") == []


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_the_trail_names_who_did_what_and_says_that_the_chain_is_whole(
    signed_in: SignedIn, api: ApiClient, waiting: Waiting, session: Session, role: str
) -> None:
    case = waiting()
    api.claim()
    client = signed_in(role)
    page = client.get(f"/review/trail?case={case.id}").text
    for shown in ("Dr Reader", "clinic-online", "claimed", "case seen", "This chain is whole", "in_review"):
        assert shown in page
    for hidden in (case.patient_ref, "<img", "fever", "mpox"):
        assert hidden not in page
    client.get(f"/review/trail?case={case.id}")
    assert len(_entries(session, case.id, "audit.seen")) == 1
    assert verify_chains(session) == []


def test_a_broken_chain_is_shown_as_broken(signed_in: SignedIn, waiting: Waiting, session: Session) -> None:
    case = waiting()
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text("UPDATE audit_entries SET actor = 'nobody'"))
    session.commit()
    page = signed_in("auditor").get(f"/review/trail?case={case.id}").text
    assert "entry 1 was changed" in page
    assert "This chain is whole" not in page


@pytest.mark.parametrize("asked", ["x", "00000000-0000-4000-8000-000000000000", "%00"])
def test_an_unknown_case_is_told_plainly(signed_in: SignedIn, asked: str) -> None:
    answer = signed_in("auditor").get(f"/review/trail?case={asked}")
    assert answer.status_code == 200
    assert "There is no case with this id" in answer.text


def test_a_long_trail_is_shown_in_pages(signed_in: SignedIn, waiting: Waiting, session: Session) -> None:
    case = waiting()
    for number in range(205):
        move_one(
            session, case.id, status=Case.status, action="test.step", actor="test", detail=f"no {number}"
        )
    session.commit()
    client = signed_in("auditor")
    newest = client.get(f"/review/trail?case={case.id}").text
    assert ("no 204" in newest, "no 0<" in newest, "Older entries" in newest) == (True, False, True)
    older = client.get(f"/review/trail?case={case.id}&before=8").text
    assert ("no 5<" in older, "no 6<" in older, "Older entries" in older) == (True, False, False)


def test_the_export_can_be_checked_by_anyone(
    signed_in: SignedIn, api: ApiClient, waiting: Waiting, session: Session
) -> None:
    case = waiting()
    api.claim()
    answer = signed_in("auditor").get(f"/review/trail/{case.id}/export")
    assert answer.mimetype == "application/x-ndjson"
    head, *entries, last = [json.loads(line) for line in answer.text.splitlines()]
    assert "SHA-256" in head["how_to_check"]
    digest = b""
    for entry in entries:
        fields = ("seq", "at_microseconds", "actor", "action", "old_status", "new_status", "detail")
        line = "|".join([head["case_id"], *(str(entry[name]) for name in fields)])
        digest = sha256(digest + line.encode()).digest()
        assert digest.hex() == entry["hash"]
    assert [entry["action"] for entry in entries][-2:] == ["review.seen", "audit.exported"]
    assert (last["verified"], last["head"], last["entries"]) == (True, digest.hex(), len(entries))


def test_the_trail_of_an_erased_case_is_still_there(
    signed_in: SignedIn, waiting: Waiting, session: Session
) -> None:
    case = waiting()
    move_one(session, case.id, status=Case.status, action="case.erased", actor="platform:test")
    session.execute(delete(Case).where(Case.id == case.id))
    session.commit()
    client = signed_in("auditor")
    assert "This chain is whole" in client.get(f"/review/trail?case={case.id}").text
    last = json.loads(client.get(f"/review/trail/{case.id}/export").text.splitlines()[-1])
    assert (last["verified"], last["case"]) == (True, "erased")
    assert client.get(f"/review/trail/{uuid4()}/export").status_code == 404


@pytest.mark.parametrize("role", ["clinician", "senior", "analyst"])
def test_the_trail_is_closed_to_others(signed_in: SignedIn, waiting: Waiting, role: str) -> None:
    case, client = waiting(), signed_in(role)
    assert client.get(f"/review/trail?case={case.id}").status_code == 403
    assert client.get(f"/review/trail/{case.id}/export").status_code == 403


def test_an_auditor_opens_no_case_and_no_photograph(
    signed_in: SignedIn, api: ApiClient, waiting: Waiting
) -> None:
    waiting()
    review = api.claim()["id"]
    client = signed_in("auditor")
    for address in (f"/review/cases/{review}", f"/review/cases/{review}/images/0", "/review/"):
        assert client.get(address).status_code == 403
