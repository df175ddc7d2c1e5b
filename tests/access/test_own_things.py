"""What belongs to one person or one role beside cases: views, drafts, notices, sessions half signed in."""

from uuid import UUID

import pytest

from db.ids import new_id
from tests.access.asking import access_of, ask
from tests.access.cases import COMPLAINT, PATIENT, give_to
from tests.access.conftest import Matrix
from tests.access.doors import DOORS
from tests.access.people import OTHER_REACHES, Person
from tests.access.test_roles import APP, OF_CLINICIANS
from tests.access.world import Trial
from web.grants import GRANTED, OPEN_WHILE, ROLES

HEARING = sorted(GRANTED["review_pages.end_notice"])
READING = sorted(GRANTED["review_pages.views"])


@pytest.mark.parametrize("role", HEARING)
@pytest.mark.parametrize("whose", HEARING)
def test_a_notice_is_ended_by_the_role_that_it_is_for(matrix: Matrix, role: str, whose: str) -> None:
    with matrix.world.trial() as trial:
        notice_id = _notice(trial, whose, matrix.scenes["awaiting_review"].case_id)
        before = trial.state()["notices"]
        trial.by_page(matrix.world.people[role, "own"], "POST", f"/review/notices/{notice_id}/end")
        assert (trial.state()["notices"] != before) == (role == whose)


@pytest.mark.parametrize("reach", OTHER_REACHES)
@pytest.mark.parametrize("role", READING)
def test_a_notice_of_a_case_out_of_reach_is_not_there(matrix: Matrix, role: str, reach: str) -> None:
    person, scene = matrix.world.people[role, reach], matrix.scenes["awaiting_review"]
    with matrix.world.trial() as trial:
        notice_id = _notice(trial, role, scene.case_id)
        before = trial.state()
        trial.by_page(person, "POST", f"/review/notices/{notice_id}/end")
        assert trial.state() == before
        for address in ("/review/notices", "/review/"):
            shown = trial.by_page(person, "GET", address).text
            assert str(notice_id) not in shown
            assert not [trace for trace in scene.traces if trace in shown]


@pytest.mark.parametrize("role", READING)
def test_another_persons_view_can_be_neither_seen_nor_deleted(matrix: Matrix, role: str) -> None:
    person, view_id = matrix.world.people[role, "own"], new_id()
    with matrix.world.trial() as trial:
        trial.run(
            "INSERT INTO saved_views (id, clinician_id, name, filters, created_at)"
            " VALUES (:id, :whose, 'hidden by its owner', '{}', now())",
            id=view_id, whose=matrix.colleague.id,
        )  # fmt: skip
        before = trial.state()
        for method in DOORS["review_pages.views"].methods:
            trial.by_page(person, method, "/review/views", {"delete": str(view_id)})
        assert trial.state() == before
        assert "hidden by its owner" not in trial.by_page(person, "GET", "/review/").text


@pytest.mark.parametrize("endpoint", ["reviews.read_draft", "review_pages.case"])
def test_another_persons_draft_is_not_shown(matrix: Matrix, endpoint: str) -> None:
    person, scene = matrix.world.people["senior", "own"], matrix.scenes["held"]
    with matrix.world.trial() as trial:
        give_to(trial, person, matrix.somebody)
        trial.run(
            "INSERT INTO review_drafts (case_id, clinician_id, fields, saved_at)"
            """ VALUES (:case_id, :whose, '{"override": {"reason": "typed by another"}}', now())""",
            case_id=scene.case_id, whose=matrix.colleague.id,
        )  # fmt: skip
        answer = ask(matrix, trial, person, endpoint, "GET", scene)
    assert answer.status == 200
    assert "typed by another" not in answer.shown


@pytest.mark.parametrize("reach", OTHER_REACHES)
@pytest.mark.parametrize("role", ROLES)
def test_pages_about_no_case_tell_nothing_of_a_case_out_of_reach(
    matrix: Matrix, role: str, reach: str
) -> None:
    """The administrator's list of known cases names the cases that it copied; nothing clinical is in it."""
    person = matrix.world.people[role, reach]
    told = []
    with matrix.world.trial() as trial:
        give_to(trial, person, matrix.somebody)
        for endpoint, door in DOORS.items():
            if role not in GRANTED[endpoint] or door.about_a_case or "GET" not in door.methods:
                continue
            with trial.undone():
                shown = ask(matrix, trial, person, endpoint, "GET").shown
            told += [f"{endpoint}: {name}" for name, scene in matrix.scenes.items() if scene.is_told(shown)]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("endpoint", OF_CLINICIANS)
def test_a_session_that_awaits_its_code_opens_nothing(matrix: Matrix, endpoint: str) -> None:
    access = access_of(APP, endpoint)
    assert access
    scene = matrix.scenes["held"]
    for role in sorted(GRANTED[endpoint]):
        person = matrix.world.people[role, "own"]
        with matrix.world.trial() as trial:
            give_to(trial, person, matrix.somebody)
            _ask_for_a_code(trial, person)
            for method in DOORS[endpoint].methods:
                if endpoint in OPEN_WHILE["code"] or endpoint == "reviews.end_session":
                    continue
                answer = ask(matrix, trial, person, endpoint, method, scene)
                assert answer.status == (302 if access.page else 401)
                assert not access.page or "/review/code" in (answer.location or "")
                assert not answer.changed
                assert not [word for word in (PATIENT, COMPLAINT) if word in answer.shown]


def _notice(trial: Trial, role: str, case_id: UUID) -> UUID:
    notice_id = new_id()
    trial.run(
        "INSERT INTO notices (id, kind, stage, role, case_id, subject, detail, created_at)"
        " VALUES (:id, 'overdue', 1, :role, :case_id, '', '', now())",
        id=notice_id, role=role, case_id=case_id,
    )  # fmt: skip
    return notice_id


def _ask_for_a_code(trial: Trial, person: Person) -> None:
    trial.run(
        "UPDATE clinicians SET totp_secret = 'JBSWY3DPEHPK3PXP', totp_confirmed_at = now() WHERE id = :id",
        id=person.id,
    )
    trial.run("UPDATE clinician_sessions SET second_factor_at = NULL WHERE clinician_id = :id", id=person.id)
