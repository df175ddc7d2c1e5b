"""Every route about a case, for readers of every reach, in every state of the case."""

import pytest

from tests.access.asking import Answer, access_of, ask
from tests.access.cases import SCENES, Scene, give_to
from tests.access.conftest import Matrix
from tests.access.doors import DOORS, Door
from tests.access.people import OTHER_REACHES
from tests.access.test_roles import APP
from web.grants import GRANTED, READERS

ABOUT_CASES = [
    (endpoint, role)
    for endpoint, door in DOORS.items()
    if door.about_a_case
    for role in sorted(READERS & GRANTED.get(endpoint, frozenset()))
]
# A clinician is never given an adjudication.
NOT_FOR_CLINICIANS = {"held_adjudication"}


@pytest.mark.parametrize(("endpoint", "role"), ABOUT_CASES)
def test_a_route_opens_in_its_states_only(matrix: Matrix, endpoint: str, role: str) -> None:
    wrong = [
        f"{method} {name}: {found}"
        for name, scene in matrix.scenes.items()
        if role == "senior" or name not in NOT_FOR_CLINICIANS
        for method in DOORS[endpoint].methods
        if (found := _wrong_for_a_reader(matrix, endpoint, method, role, scene))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("reach", OTHER_REACHES)
@pytest.mark.parametrize(("endpoint", "role"), ABOUT_CASES)
def test_a_case_out_of_reach_is_not_there(matrix: Matrix, endpoint: str, role: str, reach: str) -> None:
    wrong = [
        f"{method} {name}: {found}"
        for name, scene in matrix.scenes.items()
        for method in DOORS[endpoint].methods
        if (found := _wrong_out_of_reach(matrix, endpoint, method, role, reach, scene))
    ]
    assert not wrong, "\n".join(wrong)


def test_each_state_of_a_case_stands_in_the_table() -> None:
    for endpoint, door in DOORS.items():
        assert door.opens | door.refuses <= SCENES.keys(), endpoint
        assert not door.opens & door.refuses, endpoint


def _wrong_for_a_reader(matrix: Matrix, endpoint: str, method: str, role: str, scene: Scene) -> str | None:
    door, person = DOORS[endpoint], matrix.world.people[role, "own"]
    with matrix.world.trial() as trial:
        give_to(trial, scene, person, matrix.somebody)
        answer = ask(matrix, trial, person, endpoint, method, scene)
    if scene.name in door.opens_to(method):
        return _did_not_open(door, method, answer)
    statuses = (409,) if scene.name in door.refuses else (404,)
    if access_of(APP, endpoint).page and method != "GET":  # type: ignore[union-attr]
        # A page leads back to the queue and says there why nothing was done.
        statuses = (*statuses, 302)
    return _was_not_refused(answer, statuses)


def _wrong_out_of_reach(
    matrix: Matrix, endpoint: str, method: str, role: str, reach: str, scene: Scene
) -> str | None:
    person = matrix.world.people[role, reach]
    with matrix.world.trial() as trial:
        give_to(trial, scene, person, matrix.somebody)
        answer = ask(matrix, trial, person, endpoint, method, scene)
    is_form = access_of(APP, endpoint).page and method != "GET"  # type: ignore[union-attr]
    told = [trace for trace in scene.traces if trace in answer.shown]
    return _was_not_refused(answer, (404, 302) if is_form else (404,)) or (f"told {told}" if told else None)


def _did_not_open(door: Door, method: str, answer: Answer) -> str | None:
    if answer.status not in (200, 201, 204, 302):
        return f"status {answer.status} instead of success"
    if door.changes and method != "GET" and not answer.changed:
        return f"status {answer.status}, and nothing was recorded"
    return None


def _was_not_refused(answer: Answer, statuses: tuple[int, ...]) -> str | None:
    if answer.status not in statuses:
        return f"status {answer.status} instead of {statuses}"
    return "refused, and yet something changed" if answer.changed else None
