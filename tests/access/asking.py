"""Asking a route as its table says, with all that an address needs."""

from typing import Any, NamedTuple

from flask import Flask
from werkzeug.routing import Rule

from db.ids import new_id
from tests.access.cases import Scene
from tests.access.conftest import Matrix
from tests.access.doors import DOORS
from tests.access.people import Person
from tests.access.world import Trial, everything
from web.access import Access

SIGNED = ("photograph", "saliency", "image")
NOWHERE = Scene("nowhere", new_id(), new_id(), new_id())


class Answer(NamedTuple):
    """What came back: the status, all that was shown, where it led to; the tables that changed."""

    status: int
    shown: str
    location: str | None = None
    changed: frozenset[str] = frozenset()


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the view declares."""
    found: Access | None = getattr(app.view_functions[endpoint], "access", None)
    return found


def rule_of(app: Flask, endpoint: str) -> Rule:
    """The address's pattern."""
    return next(iter(app.url_map.iter_rules(endpoint)))


def address_of(app: Flask, endpoint: str, scene: Scene = NOWHERE, **given: Any) -> str:
    """The route's address for a scene; what neither the scene nor `given` has is the id of nothing."""
    given = {"review_id": scene.review_id, "case_id": scene.case_id, "n": 0} | given
    with app.test_request_context():
        needed = rule_of(app, endpoint).arguments
        values: dict[str, Any] = {name: given.get(name, new_id()) for name in needed}
        return app.url_for(endpoint, **values)


def ask(
    matrix: Matrix, trial: Trial, person: Person, endpoint: str, method: str, scene: Scene = NOWHERE
) -> Answer:
    """Make the request of the table, see what it changed and where it led, and undo it."""
    after = None
    with trial.undone():
        trial.wrote = False
        sent = send(matrix, trial, person, endpoint, method, scene)
        if trial.wrote:
            after = trial.state()
        shown = sent.shown + trial.led_to(sent.location)
    before = trial.at_rest() if after else {}
    changed = frozenset(name for name in before if after and after[name] != before[name])
    return sent._replace(changed=changed, shown=shown)


def send(
    matrix: Matrix, trial: Trial, person: Person, endpoint: str, method: str, scene: Scene = NOWHERE,
    body: dict[str, Any] | None = None, query: str = "",
) -> Answer:  # fmt: skip
    """Make the request of the table by the door that the view declares; what it changed is not looked at."""
    app, door = matrix.world.app, DOORS[endpoint]
    named = {name: known(matrix)[whose] for name, whose in door.arguments.items()}
    address = address_of(app, endpoint, scene, **named)
    if endpoint.rpartition(".")[2] in SIGNED:
        address = trial.signed(person, endpoint, scene.review_id, 0)
    if door.case_in == "query":
        query = f"case={scene.case_id}"
    if query:
        address += f"?{query}"
    sent = door.body(scene, known(matrix)) if body is None else body
    access = access_of(app, endpoint)
    if access and access.page:
        answer = trial.by_page(person, method, address, sent)
    else:
        answer = trial.by_program(person, method, address, sent if method in ("POST", "PUT") else None)
    return Answer(answer.status_code, everything(answer), answer.location)


def known(matrix: Matrix) -> dict[str, str]:
    """What bodies and addresses may name."""
    return {"colleague": str(matrix.colleague.id)}
