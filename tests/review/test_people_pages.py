"""Administrators add, change and disable people; each person changes their own password and language."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Clinician, ClinicianSession, Notice, Platform, PlatformGrant
from tests.factories import PASSWORD, make_case
from tests.review.conftest import add_reader, password_hash, token_for
from tests.review.test_pages import Browser
from web.access import SESSION_COOKIE
from web.grants import ROLES, Role

SECRET = re.compile(r'<code class="secret">([^<]+)</code>')


@pytest.fixture
def signed_in(app: Flask, session: Session) -> Callable[..., Browser]:
    """A browser in which this person is signed in."""

    def open_browser(person: Clinician) -> Browser:
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, token_for(session, person))
        return Browser(client)

    return open_browser


@pytest.fixture
def administrator(session: Session) -> Clinician:
    return of_role(session, "administrator")


@pytest.fixture
def office(signed_in: Callable[..., Browser], administrator: Clinician) -> Browser:
    """The administrator's browser."""
    return signed_in(administrator)


def of_role(session: Session, role: Role) -> Clinician:
    person = Clinician(
        email=f"{role}@example.org", name=f"Somebody {role}", password_hash=password_hash(), role=role
    )
    session.add(person)
    session.commit()
    return person


def form_of(person: Clinician, **changed: object) -> dict[str, object]:
    """The person's form as it stands, with changes."""
    form: dict[str, object] = {
        "name": person.name,
        "role": person.role,
        "all_platforms": "yes" if person.all_platforms else "",
        "regions": ", ".join(person.regions),
        "languages": ", ".join(person.languages),
        "locale": person.locale,
    }
    return form | changed


def open_sessions(session: Session, person: Clinician) -> int:
    session.expire_all()
    query = select(ClinicianSession).where(
        ClinicianSession.clinician_id == person.id, ClinicianSession.revoked_at.is_(None)
    )
    return len(session.scalars(query).all())


FIRST_PAGES = {
    "clinician": "Review queue",
    "senior": "Review queue",
    "administrator": "People",
    "auditor": "Audit trail",
    "analyst": "Surveillance",
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_lands_on_its_own_first_page_and_sees_links_to_what_it_may_open(
    app: Flask, session: Session, role: Role
) -> None:
    person, browser = of_role(session, role), Browser(app.test_client())
    browser.open("/review/sign-in")
    # The address of the queue, where a stranger comes from, is not open to all of them.
    browser.send("/review/sign-in", email=person.email, password=PASSWORD, next="/review/")
    assert re.search(rf"<h1[^>]*>[^<]*{FIRST_PAGES[role]}", browser.text)
    links = re.findall(r'<a href="([^"]+)"', browser.text.partition("</nav>")[0].partition("<nav")[2])
    assert "/surveillance/" in links
    assert ("/review/" in links) is (role in ("clinician", "senior"))
    assert ("/review/people" in links) is (role == "administrator")
    for link in links:
        assert browser.client.get(link).status_code == 200
    assert FIRST_PAGES[role] in browser.open("/")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_only_administrators_see_and_change_people(
    signed_in: Callable[..., Browser], session: Session, role: Role
) -> None:
    person = of_role(session, role)
    browser = signed_in(person)
    browser.open("/review/me")
    for address in ("people", "people/new", f"people/{person.id}"):
        assert browser.client.get(f"/review/{address}").status_code == 403
    for action in ("", "/disable", "/enable", "/reset-second-factor", "/reset-password"):
        browser.open("/review/me")
        assert browser.send(f"/review/people/{person.id}{action}", role="administrator")[0] == 403
    session.refresh(person)
    assert (person.role, person.disabled_at) == (role, None)


def test_an_added_person_signs_in_with_the_password_that_is_shown_once(
    office: Browser, app: Flask, platform: Platform, session: Session
) -> None:
    assert platform.name in office.open("/review/people/new")
    status, text = office.send(
        "/review/people/new", email=" New@Example.org", name="Dr New", role="senior", locale="fr",
        platforms=platform.name, regions="fr, de-BE", languages="FR en",
    )  # fmt: skip
    assert status == 200
    password = SECRET.findall(text)[0]
    added = session.scalars(select(Clinician).where(Clinician.email == "new@example.org")).one()
    assert (added.name, added.role, added.locale) == ("Dr New", "senior", "fr")
    assert (added.regions, added.languages, added.all_platforms) == (["DE-BE", "FR"], ["en", "fr"], False)
    assert session.scalars(select(PlatformGrant.platform_id)).all() == [platform.id]
    assert password not in office.open("/review/people")
    browser = Browser(app.test_client())
    browser.open("/review/sign-in")
    browser.send("/review/sign-in", email="new@example.org", password=password)
    assert "Dr New" in browser.text


WRONG = [
    ({"email": "nobody"}, "email", "Give an e-mail address"),
    ({"name": ""}, "name", "Give the name"),
    ({"role": "owner"}, "role", "Choose clinician"),
    ({"regions": "Paris"}, "regions[0]", "FR-75"),
    ({"languages": "french"}, "languages[0]", "ISO 639"),
    ({"locale": "de"}, "locale", "Choose en or fr"),
    ({"all_platforms": ""}, "platforms", "Grant platforms by name"),
    ({"platforms": "unheard-of"}, "platforms", "There is no platform unheard-of"),
    ({"email": "administrator@example.org"}, "email", "exists"),
]


@pytest.mark.parametrize(("changed", "field", "remedy"), WRONG)
def test_what_is_wrong_is_named_with_its_remedy_and_nothing_is_stored(
    office: Browser, session: Session, changed: dict[str, str], field: str, remedy: str
) -> None:
    form = {"email": "new@example.org", "name": "Dr New", "role": "clinician", "all_platforms": "yes"}
    office.open("/review/people/new")
    status, text = (
        office.send("/review/people/new", **form, **{"locale": "en"} | changed)
        if not (changed.keys() & form.keys())
        else office.send("/review/people/new", **{**form, "locale": "en", **changed})
    )
    assert status == 422
    assert f"<li>{field}: " in text
    assert remedy in text
    assert len(session.scalars(select(Clinician)).all()) == 1


def test_grants_count_at_once_and_keep_the_session(
    office: Browser, reader: Clinician, waiting: Callable[..., Case], signed_in: Callable[..., Browser],
    session: Session,
) -> None:  # fmt: skip
    waiting()
    browser = signed_in(reader)
    office.open(f"/review/people/{reader.id}")
    office.send(f"/review/people/{reader.id}", **form_of(reader, regions="BE"))
    session.refresh(reader)
    assert reader.regions == ["BE"]
    assert open_sessions(session, reader) == 1
    assert browser.client.get("/review/").status_code == 200


def test_another_role_signs_out_everywhere(
    office: Browser, reader: Clinician, signed_in: Callable[..., Browser], session: Session
) -> None:
    browser = signed_in(reader)
    office.open(f"/review/people/{reader.id}")
    office.send(f"/review/people/{reader.id}", **form_of(reader, role="senior"))
    assert open_sessions(session, reader) == 0
    assert browser.client.get("/review/").status_code == 302
    assert reader.role == "senior"


def test_who_is_disabled_is_signed_out_and_comes_back_when_let_in(
    office: Browser, app: Flask, reader: Clinician, signed_in: Callable[..., Browser], session: Session
) -> None:
    browser = signed_in(reader)
    office.open(f"/review/people/{reader.id}")
    office.send(f"/review/people/{reader.id}/disable")
    assert browser.client.get("/review/").status_code == 302
    assert "disabled" in office.open("/review/people")
    body = {"email": reader.email, "password": PASSWORD}
    assert app.test_client().post("/v1/sessions", json=body).status_code == 401
    office.open(f"/review/people/{reader.id}")
    office.send(f"/review/people/{reader.id}/enable")
    assert app.test_client().post("/v1/sessions", json=body).status_code == 201
    assert browser.client.get("/review/").status_code == 302, "the old session stays ended"


def test_disabling_the_last_reader_alarms_the_administrators(
    office: Browser, reader: Clinician, session: Session, platform: Platform
) -> None:
    case = make_case(session, platform)
    office.open(f"/review/people/{reader.id}")
    office.send(f"/review/people/{reader.id}/disable")
    notice = session.scalars(select(Notice)).one()
    assert (notice.kind, notice.role, notice.case_id) == ("unclaimable", "administrator", case.id)
    office.open(f"/review/people/{reader.id}")
    office.send(f"/review/people/{reader.id}/enable")
    session.refresh(notice)
    assert notice.ended_at is not None


def test_a_lost_authenticator_is_helped_by_an_administrator(
    office: Browser, app: Flask, reader: Clinician, signed_in: Callable[..., Browser], session: Session
) -> None:
    reader.totp_secret, reader.totp_confirmed_at, reader.totp_last_step = "JBSWY3DPEHPK3PXP", now(), 5
    session.commit()
    signed_in(reader)
    office.open(f"/review/people/{reader.id}")
    office.send(f"/review/people/{reader.id}/reset-second-factor")
    session.refresh(reader)
    assert (reader.totp_secret, reader.totp_confirmed_at, reader.totp_last_step) == (None, None, None)
    assert open_sessions(session, reader) == 0
    body = {"email": reader.email, "password": PASSWORD}
    assert app.test_client().post("/v1/sessions", json=body).status_code == 201


def test_a_forgotten_password_is_replaced_and_signs_out_everywhere(
    office: Browser, app: Flask, reader: Clinician, signed_in: Callable[..., Browser], session: Session
) -> None:
    signed_in(reader)
    office.open(f"/review/people/{reader.id}")
    _, text = office.send(f"/review/people/{reader.id}/reset-password")
    assert open_sessions(session, reader) == 0
    for password, status in ((PASSWORD, 401), (SECRET.findall(text)[0], 201)):
        body = {"email": reader.email, "password": password}
        assert app.test_client().post("/v1/sessions", json=body).status_code == status


def test_administrators_neither_disable_themselves_nor_give_up_their_role(
    office: Browser, administrator: Clinician, session: Session
) -> None:
    office.open(f"/review/people/{administrator.id}")
    office.send(f"/review/people/{administrator.id}/disable")
    office.open(f"/review/people/{administrator.id}")
    status, _ = office.send(f"/review/people/{administrator.id}", **form_of(administrator, role="auditor"))
    assert status == 409
    session.refresh(administrator)
    assert (administrator.disabled_at, administrator.role) == (None, "administrator")
    office.open(f"/review/people/{administrator.id}")
    assert office.send(f"/review/people/{administrator.id}", **form_of(administrator, name="Else"))[0] == 200
    session.refresh(administrator)
    assert administrator.name == "Else"


def test_a_person_who_is_not_there_is_not_found(office: Browser) -> None:
    nobody = "/review/people/01900000-0000-7000-8000-000000000000"
    assert office.client.get(nobody).status_code == 404
    office.open("/review/people/new")
    for action in ("", "/disable", "/enable", "/reset-second-factor", "/reset-password"):
        office.open("/review/people/new")
        assert office.send(nobody + action)[0] == 404


@pytest.mark.parametrize("action", ["", "/disable", "/enable", "/reset-second-factor", "/reset-password"])
def test_a_form_without_its_token_changes_nobody(
    office: Browser, reader: Clinician, session: Session, action: str
) -> None:
    before = (reader.password_hash, reader.role)
    answer = office.client.post(f"/review/people/{reader.id}{action}", data=form_of(reader, role="senior"))
    assert answer.status_code == 400
    session.refresh(reader)
    assert (reader.password_hash, reader.role, reader.disabled_at) == (*before, None)


def test_a_person_changes_their_password_and_is_signed_out_everywhere(
    app: Flask, reader: Clinician, signed_in: Callable[..., Browser], session: Session
) -> None:
    browser = signed_in(reader)
    token_for(session, reader)
    new = "another long pass phrase"
    for form, status, said in (
        ({"present": PASSWORD, "password": new, "again": "typed otherwise"}, 422, "twice alike"),
        ({"present": "wrong", "password": new, "again": new}, 401, "wrong"),
        ({"present": PASSWORD, "password": "short", "again": "short"}, 422, "at least 12"),
    ):
        browser.open("/review/me")
        answer = browser.send("/review/me/password", **form)
        assert answer[0] == status
        assert said in answer[1]
    assert open_sessions(session, reader) == 2
    browser.send("/review/me/password", present=PASSWORD, password=new, again=new)
    assert "signed out everywhere" in browser.text
    assert open_sessions(session, reader) == 0
    for password, status in ((PASSWORD, 401), (new, 201)):
        body = {"email": reader.email, "password": password}
        assert app.test_client().post("/v1/sessions", json=body).status_code == status


def test_a_person_chooses_the_language_of_the_pages(
    reader: Clinician, signed_in: Callable[..., Browser]
) -> None:
    browser = signed_in(reader)
    assert '<html lang="en">' in browser.open("/review/me")
    browser.send("/review/me/locale", locale="fr")
    assert '<html lang="fr">' in browser.text
    browser.send("/review/me/locale", locale="xx")
    assert '<html lang="fr">' in browser.text


def test_a_name_is_text_and_never_markup(office: Browser, session: Session) -> None:
    person = add_reader(session, "b@example.org")
    person.name = "<b>Bold</b>"
    session.commit()
    for address in ("/review/people", f"/review/people/{person.id}"):
        text = office.open(address)
        assert "<b>Bold" not in text
        assert "&lt;b&gt;Bold" in text
