"""Every route about a case, for readers of every reach, in every state of the case."""

from collections.abc import Iterable, Iterator
from itertools import product

import pytest

from tests.access.asking import Answer, access_of, ask
from tests.access.cases import give_to, let_time_pass
from tests.access.conftest import Matrix
from tests.access.doors import DOORS, HELD, Door
from tests.access.people import OTHER_REACHES, Person
from tests.access.scenes import SCENES
from tests.access.test_roles import APP
from web.grants import GRANTED

# A clinician is never given an adjudication.
NOT_FOR_CLINICIANS = {"held_adjudication"}
ABOUT_CASES = [
    (endpoint, role)
    for endpoint, door in DOORS.items()
    if door.about_a_case
    for role in sorted(GRANTED.get(endpoint, frozenset()))
]
# Region, platform and language are one condition; in all states it is tried for the region.
EXAMPLES = ("awaiting_review", "held", "held_second_reading", "final", "others_held")
OUT_OF_REACH = [(endpoint, role) for endpoint, role in ABOUT_CASES if DOORS[endpoint].reach_counts]
OVER_ALL = [(endpoint, role) for endpoint, role in ABOUT_CASES if not DOORS[endpoint].reach_counts]


@pytest.mark.parametrize(("endpoint", "role"), ABOUT_CASES)
def test_a_route_opens_in_its_states_only(matrix: Matrix, endpoint: str, role: str) -> None:
    wrong = list(_wrong_for_who_may(matrix, endpoint, matrix.world.people[role, "own"]))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("reach", OTHER_REACHES)
@pytest.mark.parametrize(("endpoint", "role"), OVER_ALL)
def test_who_watches_over_all_cases_needs_no_reach(
    matrix: Matrix, endpoint: str, role: str, reach: str
) -> None:
    wrong = list(_wrong_for_who_may(matrix, endpoint, matrix.world.people[role, reach], EXAMPLES))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("reach", OTHER_REACHES)
@pytest.mark.parametrize(("endpoint", "role"), OUT_OF_REACH)
def test_a_case_out_of_reach_is_not_there(matrix: Matrix, endpoint: str, role: str, reach: str) -> None:
    person, wrong = matrix.world.people[role, reach], []
    with matrix.world.trial() as trial:
        give_to(trial, person, matrix.somebody)
        names = matrix.scenes if reach == "other_region" else EXAMPLES
        for name, method in product(names, DOORS[endpoint].methods):
            scene = matrix.scenes[name]
            answer = ask(matrix, trial, person, endpoint, method, scene)
            found = _was_not_refused(answer, (404, *_led_away(endpoint, method)))
            if found or scene.is_told(answer.shown):
                wrong.append(f"{method} {scene.name}: {found or 'the case is told of'}")
    assert not wrong, "\n".join(wrong)


def test_each_state_of_a_case_stands_in_the_table() -> None:
    for endpoint, door in DOORS.items():
        assert door.opens | door.refuses | door.shows <= SCENES.keys(), endpoint
        assert not door.opens & door.refuses, endpoint


def _wrong_for_who_may(
    matrix: Matrix, endpoint: str, person: Person, scenes: Iterable[str] = SCENES
) -> Iterator[str]:
    door = DOORS[endpoint]
    door = door.seniors if door.seniors and person.role == "senior" else door
    names = [name for name in scenes if person.role != "clinician" or name not in NOT_FOR_CLINICIANS]
    with matrix.world.trial() as trial:
        give_to(trial, person, matrix.somebody)
        for name, method in product(names, door.methods):
            with trial.undone():
                let_time_pass(trial, matrix.scenes[name])
                answer = ask(matrix, trial, person, endpoint, method, matrix.scenes[name])
            if name in door.opens_to(method):
                found = _did_not_open(door, method, answer)
            else:
                statuses = (409,) if name in door.refuses else (404,)
                found = _was_not_refused(answer, (*statuses, *_led_away(endpoint, method)), name in HELD)
            if found:
                yield f"{method} {name}: {found}"


def _led_away(endpoint: str, method: str) -> tuple[int, ...]:
    """A page's form leads back to the queue, and there it says why nothing was done."""
    access = access_of(APP, endpoint)
    return (302,) if access and access.page and method != "GET" else ()


def _did_not_open(door: Door, method: str, answer: Answer) -> str | None:
    if answer.status not in (200, 201, 204, 302):
        return f"status {answer.status} instead of success"
    if method == "GET" and answer.changed - {"audit_entries"}:
        return f"a look changed {set(answer.changed)}"
    if door.changes and method != "GET" and not answer.changed:
        return f"status {answer.status}, and nothing was recorded"
    return None


def _was_not_refused(answer: Answer, statuses: tuple[int, ...], is_held: bool = False) -> str | None:
    """Whose case it is may see it again beside the reason, and that stands in its trail."""
    if answer.status not in statuses:
        return f"status {answer.status} instead of {statuses}"
    changed = answer.changed - ({"audit_entries"} if is_held else set())
    return f"refused, and yet {set(changed)} changed" if changed else None
