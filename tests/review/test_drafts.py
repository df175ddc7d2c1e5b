"""What is typed is kept for its writer, survives a lost lease, and is deleted by the decision."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Clinician, PlatformGrant, ReviewDraft
from review import drafts
from tests.review.conftest import ApiClient, token_for
from web.access import SESSION_COOKIE

Waiting = Callable[..., Case]
OVERRIDE = {"level": "routine", "reason": "Itches, <no> pustule."}


def put(api: ApiClient, review_id: str, form: str = "override", fields: object = OVERRIDE) -> int:
    answer = api.client.put(
        f"/v1/reviews/{review_id}/draft", json={"form": form, "fields": fields}, headers=api.headers
    )
    return int(answer.status_code)


def test_each_form_is_kept_beside_the_others(api: ApiClient, waiting: Waiting) -> None:
    waiting()
    review_id = api.claim()["id"]
    assert api.get(f"/v1/reviews/{review_id}/draft").json == {"last": None, "forms": {}}
    assert put(api, review_id) == 204
    assert put(api, review_id, "retake", {"reason": "Nearer.", "photographs": ["0", "1"]}) == 204
    assert put(api, review_id, "override", {"reason": "Shorter."}) == 204
    assert api.get(f"/v1/reviews/{review_id}/draft").json == {
        "last": "override",
        "forms": {
            "override": {"reason": "Shorter."},
            "retake": {"reason": "Nearer.", "photographs": ["0", "1"]},
        },
    }


def test_it_outlives_the_lease_and_comes_back_with_the_next_claim(
    api: ApiClient, waiting: Waiting, end_lease: Callable[[UUID], None]
) -> None:
    case = waiting()
    lost = api.claim()["id"]
    put(api, lost)
    end_lease(case.id)
    assert put(api, lost, "override", {"reason": "The last words."}) == 204
    again = api.claim(case.id)["id"]
    assert again != lost
    forms = api.get(f"/v1/reviews/{again}/draft").json["forms"]
    assert forms == {"override": {"reason": "The last words."}}


def test_it_is_nobody_elses(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, end_lease: Callable[[UUID], None]
) -> None:
    case = waiting()
    review_id = api.claim()["id"]
    put(api, review_id)
    assert put(other_api, review_id) == 404
    assert other_api.get(f"/v1/reviews/{review_id}/draft").status_code == 404
    end_lease(case.id)
    theirs = other_api.claim(case.id)["id"]
    assert other_api.get(f"/v1/reviews/{theirs}/draft").json["forms"] == {}


def test_who_may_not_read_the_case_any_more_keeps_nothing_of_it(
    api: ApiClient, waiting: Waiting, reader: Clinician, session: Session
) -> None:
    waiting()
    review_id = api.claim()["id"]
    reader.all_platforms = False
    session.commit()
    assert put(api, review_id) == 404
    assert api.get(f"/v1/reviews/{review_id}/draft").status_code == 404
    assert session.scalars(select(PlatformGrant)).all() == []


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("last one", {}),
        ("", {}),
        ("override", {"reason": "a\x00b"}),
        ("override", {"reason": "x" * 4001}),
        ("override", {"reason": 7}),
        ("override", {f"field_{'x' * n}": "" for n in range(31)}),
    ],
)
def test_what_no_form_of_ours_holds_is_refused(
    api: ApiClient, waiting: Waiting, form: str, fields: dict[str, object]
) -> None:
    waiting()
    assert put(api, api.claim()["id"], form, fields) == 422


def test_the_decision_deletes_it_and_what_was_left_long_ago(
    api: ApiClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    case, other, old = waiting(level="emergency"), waiting(), waiting()
    for at, kept_on in ((now(), case), (now(), other), (now() - timedelta(days=31), old)):
        session.add(ReviewDraft(case_id=kept_on.id, clinician_id=reader.id, fields={}, saved_at=at))
    session.commit()
    drafts.forget(session, case.id, reader.id)
    session.commit()
    assert session.scalars(select(ReviewDraft.case_id)).all() == [other.id]


def test_after_the_decision_nothing_is_kept_any_more(
    api: ApiClient, waiting: Waiting, session: Session
) -> None:
    waiting()
    review_id = api.claim()["id"]
    assert put(api, review_id) == 204
    assert api.decide(review_id, verdict="confirm").status_code == 200
    assert put(api, review_id) == 409
    assert session.scalars(select(ReviewDraft)).all() == []


def test_the_page_keeps_its_form_and_fills_it_in_again(
    client: FlaskClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    client.set_cookie(SESSION_COOKIE, token_for(session, reader))
    waiting()
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/review/").text)[0]
    address = client.post("/review/claim", data={"csrf_token": token}).headers["Location"]
    form = {"verdict": "override", "csrf_token": token, **OVERRIDE}
    assert client.post(f"{address}/draft", data={**form, "csrf_token": ""}).status_code == 400
    assert client.post(f"{address}/draft", data=form).status_code == 204
    text = client.get(address).text
    assert "Itches, &lt;no&gt; pustule.</textarea>" in text
    assert '<option value="routine" selected>' in text
    assert re.search(r'<details class="verdict" name="verdict" open>\s*<summary[^>]*>Override', text)
    assert "What you had typed before is filled in again." in text
    assert session.scalars(select(ReviewDraft)).one().fields == {"last": "override", "override": OVERRIDE}
