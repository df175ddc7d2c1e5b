"""Before the reveal no answer to a blind reader comes from the model, whichever route they ask.

Each request is made in several worlds that differ in nothing but what the model said of the blind cases: its
level and due time, flags, reasons, findings, words, overlay, or that it failed. The answers must be the same.
Beside that each is searched for the model's own words, numbers and times.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from db.ids import now
from tests.access.asking import NOWHERE, send
from tests.access.cases import Scene, give_to
from tests.access.conftest import Matrix
from tests.access.doors import DOORS
from tests.access.model_words import RESULTS, say
from tests.access.people import Person
from tests.access.scenes import BLIND
from tests.access.world import Trial
from web.grants import GRANTED, READERS

LEASE = timedelta(hours=2)
# Seniors hear and may do more; for clinicians the two states in which most is to be seen.
BLIND_SCENES = {"senior": ("held_blind", *BLIND), "clinician": ("held_blind", "blind_waiting")}
ASKED = [(endpoint, role) for endpoint in DOORS for role in sorted(READERS & GRANTED[endpoint])]
# Sums over decided cases, the small ones hidden; of one among them a reading may still be blind.
SUMS = {"review_pages.figures", "review_pages.figures_csv"}
DECIDED = {"blind_second_reading_waits", "blind_second_reading_held"}
# Made by chance: two answers are never the same.
NEW_EACH_TIME = {"review_pages.begin_second_factor"}
# What else a route may be asked, beside what stands in its line.
BODIES: dict[str, list[dict[str, Any]]] = {
    # The page shows the case again with what is wrong; the same refusal for each verdict.
    "review_pages.decide": [{"verdict": "confirm"}],
    # To record one's own reading is to see the AI result; here it is sent with a gap, and so refused.
    "reveal": [{"blind_level": "routine"}],
    "decide": [
        {"verdict": "confirm"},
        {"verdict": "escalate", "level": "emergency"},
        {"verdict": "retake", "reason": "sharper"},
        {"verdict": "override", "level": "routine", "reason": "I know it"},
    ],
}
QUERIES = {
    "review_pages.queue": [
        "", "level=urgent", "level=self_care", "level=priority", "flag=models_disagree",
        "flag=low_confidence",
        "lateness=late", "lateness=later", "no_ai_result=1", "further=1",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("endpoint", "role"), ASKED)
def test_no_answer_tells_what_the_model_said(matrix: Matrix, endpoint: str, role: str) -> None:
    person = matrix.world.people[role, "own"]
    # A minute may begin between two answers, sooner on a busy machine; it does not each time.
    told = [_told(matrix, endpoint, person)]
    while told[-1] and len(told) < 6:
        told.append(_told(matrix, endpoint, person))
    assert not told[-1], told[-1]


def test_the_search_finds_what_is_shown_once_it_may_be(matrix: Matrix) -> None:
    """The same requests in the same worlds, of a reader who has recorded their own reading."""
    person, scene, at = matrix.world.people["senior", "own"], matrix.scenes["held_revealed"], now()
    with matrix.world.trial() as trial:
        give_to(trial, person, matrix.somebody)
        for endpoint in ("reviews.read", "review_pages.case"):
            shown = []
            for said in RESULTS[:2]:
                with trial.undone():
                    say(trial.connection, [scene.case_id], said, at)
                    shown.append(send(matrix, trial, person, endpoint, "GET", scene).shown)
                    assert said
                    assert [mark for mark in said.marks(at) if _stands(mark, shown[-1])], shown[-1]
            assert _differ(shown[0], shown[1], at, trial.ids()), endpoint


def _told(matrix: Matrix, endpoint: str, person: Person) -> str:
    """What an answer tells, or how two differ; nothing where all is well."""
    scenes, at = [matrix.scenes[name] for name in ("held_blind", *BLIND)], now()
    asked = [matrix.scenes[name] for name in BLIND_SCENES[person.role]]
    spoken_of = [scene.case_id for scene in scenes if endpoint not in SUMS or scene.name not in DECIDED]
    with matrix.world.trial() as trial:
        give_to(trial, person, matrix.somebody)
        known, answers = trial.ids(), []
        for said in RESULTS:
            with trial.undone():
                say(trial.connection, spoken_of, said, at)
                answers.append(list(_answers(matrix, trial, person, endpoint, asked)))
        for said, given in zip(RESULTS, answers, strict=True):
            for what, shown in given:
                found = [mark for mark in said.marks(at) if _stands(mark, shown)] if said else []
                if found:
                    return f"{what} holds {found}"
    for one, other in pairwise(answers if endpoint not in NEW_EACH_TIME else []):
        for (what, first), (_, second) in zip(one, other, strict=True):
            difference = _differ(first, second, at, known)
            if difference:
                return f"{what} differs:\n{difference}"
    return ""


def _stands(mark: str, shown: str) -> bool:
    """As a word or number of its own: the seconds of a moment may hold the digits of a probability."""
    return bool(re.search(rf"(?<![\w.:]){re.escape(mark)}(?![\w:])", shown))


def _answers(
    matrix: Matrix, trial: Trial, person: Person, endpoint: str, scenes: list[Scene]
) -> Iterator[tuple[str, str]]:
    door = DOORS[endpoint]
    for method in door.methods:
        for scene in scenes if door.about_a_case else [NOWHERE]:
            for body in _bodies(endpoint):
                for query in QUERIES.get(endpoint, [""]):
                    with trial.undone():
                        answer = send(matrix, trial, person, endpoint, method, scene, body, query)
                        shown = answer.shown + trial.led_to(answer.location)
                    yield f"{method} {scene.name} {body or ''} {query}", shown


def _bodies(endpoint: str) -> Sequence[dict[str, Any] | None]:
    found = BODIES.get(endpoint) or BODIES.get(endpoint.rpartition(".")[2])
    return found if found else (None,)


def _differ(one: str, other: str, at: datetime, known: set[str]) -> str:
    first, second = (_normal(shown, at, known).splitlines() for shown in (one, other))
    return "\n".join(line for line in difflib.unified_diff(first, second, lineterm="", n=0))


def _normal(shown: str, at: datetime, known: set[str]) -> str:
    """Without what differs each time: form tokens, signatures, new ids, the moments of now and a lease."""

    def moment(found: re.Match[str]) -> str:
        away = datetime.fromisoformat(found[0].replace("Z", "+00:00")) - at
        fresh = timedelta(minutes=-1) < away < timedelta(minutes=5)
        return "<now>" if fresh or timedelta() < away - LEASE < timedelta(minutes=5) else found[0]

    def id_(found: re.Match[str]) -> str:
        return found[0] if found[0] in known else "<new id>"

    shown = re.sub(r'(csrf_token"? ?(?:value|content)?=?"?:? ?")[^"]+', r"\1", shown)
    shown = re.sub(r'(X-CSRFToken": ")[^"]+', r"\1", shown)
    shown = re.sub(r'data-(?:undo-)?seconds="[\d.]+"', "", shown)
    shown = re.sub(r"signed=[\w.\-%]+", "signed", shown)
    shown = re.sub(r"Content-Length: \d+", "", shown)
    shown = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", id_, shown)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)", moment, shown)
