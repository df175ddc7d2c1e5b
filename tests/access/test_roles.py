"""Every route for every role: what the table of grants does not open is refused, and nothing changes."""

from itertools import product
from typing import Any

import pytest
from flask import Flask

from dermtriage.app import create_app
from dermtriage.settings import load_settings
from tests.access.asking import NOWHERE, access_of, address_of, ask, send
from tests.access.cases import COMPLAINT, PATIENT
from tests.access.conftest import Matrix
from tests.access.doors import DOORS, PUBLIC
from tests.access.people import Person
from tests.access.scenes import SCENES
from web.grants import GRANTED, ROLES


def routes() -> Flask:
    """The application's routes; it opens no connection."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("DATABASE_URL", "postgresql://nowhere"), ("SECRET_KEY", "of the tests")):
            patch.setenv(name, value)
        patch.setenv("IMAGE_STORE_URL", "memory://nowhere")
        return create_app(load_settings())


CLINICAL = (PATIENT, COMPLAINT)
APP = routes()
ENDPOINTS = sorted({rule.endpoint for rule in APP.url_map.iter_rules()})
FILES = [endpoint for endpoint in ENDPOINTS if endpoint.endswith("static")]
OF_CLINICIANS = [
    endpoint
    for endpoint in ENDPOINTS
    if (access := access_of(APP, endpoint)) and (access.clinician or access.page)
]
OF_PLATFORMS = [
    endpoint
    for endpoint in ENDPOINTS
    if (access := access_of(APP, endpoint)) and access.scope and not access.clinician
]


def test_every_route_has_its_line_in_the_matrix() -> None:
    without = sorted(set(OF_CLINICIANS) - set(DOORS))
    assert not without, (
        f"Add a line to DOORS in tests/access/doors.py for {', '.join(without)}: how the route is asked, and "
        "in which states of a case it opens. Which roles may open it is told in web/grants.py."
    )
    gone = sorted(set(DOORS) - set(OF_CLINICIANS))
    assert not gone, f"Take these lines out of tests/access/doors.py, the routes are gone: {', '.join(gone)}."


def test_what_opens_to_everybody_is_named() -> None:
    declared = set(OF_CLINICIANS) | set(OF_PLATFORMS) | set(FILES)
    others = set(ENDPOINTS) - declared
    assert others == PUBLIC, (
        "A route that needs no credential stands in PUBLIC in tests/access/doors.py; another one declares "
        "its access with web.access. These differ: " + ", ".join(sorted(others ^ PUBLIC))
    )


def test_every_method_of_a_route_is_tried() -> None:
    for endpoint, door in DOORS.items():
        answered = {
            method
            for rule in APP.url_map.iter_rules(endpoint)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        assert answered == set(door.methods), f"tests/access/doors.py: the methods of {endpoint}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("endpoint", OF_CLINICIANS)
def test_a_role_opens_what_it_is_granted_and_nothing_else(matrix: Matrix, endpoint: str, role: str) -> None:
    person = matrix.world.people[role, "own"]
    if role in GRANTED[endpoint]:
        _opens(matrix, endpoint, person)
    else:
        _is_refused_whatever_the_case(matrix, endpoint, person)


def _opens(matrix: Matrix, endpoint: str, person: Person) -> None:
    door = DOORS[endpoint]
    for method in door.methods:
        with matrix.world.trial() as trial:
            answer = ask(matrix, trial, person, endpoint, method)
        if door.about_a_case:
            # A case that is not there: `test_cases` has those that are.
            assert answer.status in (404, 302) or door.case_in == "query", method
            assert not answer.changed
        else:
            assert answer.status in door.succeeds, (method, answer.shown)
            is_sent_away = "/sign-in" in (answer.location or "")
            assert is_sent_away == (endpoint == "review_pages.sign_out"), method


def _is_refused_whatever_the_case(matrix: Matrix, endpoint: str, person: Person) -> None:
    door = DOORS[endpoint]
    scenes = [matrix.scenes[name] for name in SCENES] if door.about_a_case else [NOWHERE]
    with matrix.world.trial() as trial:
        before = trial.state()
        for method, scene in product(door.methods, scenes):
            answer = send(matrix, trial, person, endpoint, method, scene)
            assert answer.status == 403, (method, scene.name)
            assert not [word for word in CLINICAL if word in answer.shown]
        assert trial.state() == before


@pytest.mark.parametrize("endpoint", OF_CLINICIANS)
def test_who_is_not_signed_in_gets_nothing(matrix: Matrix, endpoint: str) -> None:
    access = access_of(APP, endpoint)
    assert access
    address = address_of(APP, endpoint, matrix.scenes["held"])
    key = {"Authorization": f"Bearer {matrix.world.keys['clinic-online']}"}
    person = matrix.world.people["senior", "own"]
    bearer = {"Authorization": f"Bearer {person.bearer}"}
    for method in DOORS[endpoint].methods:
        if access.page:
            form = {"csrf_token": matrix.world.form_token} if method != "GET" else None
            token = {"X-CSRFToken": matrix.world.form_token}
            for headers in (token, {**token, **key}, {**token, **bearer}):
                answer = _send(matrix, method, address, data=form, headers=headers)
                assert answer.status_code == 302
                assert "/review/sign-in" in answer.location
        else:
            assert _send(matrix, method, address).status_code == 401
            cookie_only = matrix.world.browser(person.cookie).open(address, method=method)
            assert cookie_only.status_code == 401, "a cookie must open no door for programs"
            if not access.scope:
                assert _send(matrix, method, address, headers=key).status_code == 403


@pytest.mark.parametrize("endpoint", [name for name in OF_CLINICIANS if DOORS[name].methods != ("GET",)])
def test_a_page_takes_no_form_that_was_not_its_own(matrix: Matrix, endpoint: str) -> None:
    access = access_of(APP, endpoint)
    if not access or not access.page:
        assert access, "programs send no form"
        return
    address = address_of(APP, endpoint, matrix.scenes["held"])
    with matrix.world.trial() as trial:
        before = trial.state()
        for role in ROLES:
            client = matrix.world.browser(matrix.world.people[role, "own"].cookie)
            for method in DOORS[endpoint].methods:
                if method != "GET":
                    assert client.open(address, method=method).status_code == 400
        assert trial.state() == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("endpoint", OF_PLATFORMS)
def test_no_person_opens_a_platforms_route(matrix: Matrix, endpoint: str, role: str) -> None:
    person, scene = matrix.world.people[role, "own"], matrix.scenes["awaiting_review"]
    address = address_of(APP, endpoint, scene)
    methods = {
        method
        for rule in APP.url_map.iter_rules(endpoint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    with matrix.world.trial() as trial:
        before = trial.state()
        for method in methods:
            assert trial.by_program(person, method, address).status_code == 403
        assert trial.state() == before


def _send(matrix: Matrix, method: str, address: str, **sent: Any) -> Any:
    return matrix.world.browser().open(address, method=method, **sent)
