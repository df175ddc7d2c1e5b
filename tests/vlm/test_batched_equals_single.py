"""A batch gives what its members give alone, in any order, for each local backend."""

import random

import pytest

import vlm
from tests.vlm.drawn import clinical, photograph
from tests.vlm.local_models import LOCAL_MODELS, loaded
from triage.clinical import Clinical, RedFlags
from triage.findings import Findings
from vlm.model import Model

SIZES = [(320, 240), (120, 360), (400, 150), (200, 200)]
COUNTS = [1, 2, 1, 8, 3, 1, 2, 1]
FLAGS = list(RedFlags.model_fields)


def told(number: int) -> Clinical:
    """From the shortest prompt to one with all red flags."""
    flags = random.Random(number).sample(FLAGS, number % (len(FLAGS) + 1))
    return clinical(red_flags=dict.fromkeys(flags, "yes"))


def case(number: int) -> vlm.Presentation:
    """Cases that differ in prompt, number of photographs and their shape."""
    count = COUNTS[number] if number < len(COUNTS) else 1
    pictures = tuple(photograph(number * 10 + i, SIZES[(number + i) % len(SIZES)]) for i in range(count))
    return vlm.Presentation(pictures, told(number))


CASES = [case(number) for number in range(32)]
# Read alone, to be compared with: all of the first eight, a quarter of the others.
ALONE = [*range(8), *range(8, 32, 4), 31]


@pytest.fixture(scope="module", params=sorted(LOCAL_MODELS))
def model(request: pytest.FixtureRequest) -> Model:
    return loaded(request.param)


@pytest.fixture(scope="module")
def alone(model: Model) -> dict[int, Findings]:
    """Cases, by number, each in a call of its own."""
    return {number: model.assess([CASES[number]])[0] for number in ALONE}


def assert_alike(ours: Findings, theirs: Findings) -> None:
    assert ours.explanation == theirs.explanation
    for view in ("findings", "classifier"):
        mine, other = ({f.condition: f.probability for f in getattr(x, view)} for x in (ours, theirs))
        assert mine == pytest.approx(other, abs=1e-4)
    assert ours.image_quality == theirs.image_quality
    assert ours.image_dependence == pytest.approx(theirs.image_dependence, abs=1e-4)


@pytest.mark.parametrize("size", [2, 7, 32])
def test_a_batch_gives_what_its_cases_give_alone(model: Model, alone: dict[int, Findings], size: int) -> None:
    found = model.assess(CASES[:size])
    for number in (number for number in ALONE if number < size):
        assert_alike(found[number], alone[number])


def test_the_order_of_cases_does_not_matter(model: Model, alone: dict[int, Findings]) -> None:
    numbers = ALONE[::-1]
    for number, findings in zip(numbers, model.assess([CASES[n] for n in numbers]), strict=True):
        assert_alike(findings, alone[number])


def test_a_batch_that_was_mixed_up_would_show(alone: dict[int, Findings]) -> None:
    """The cases are further apart than the difference that is allowed."""
    tops = {round(findings.top.probability, 3) for findings in alone.values()}
    assert len(tops) > len(ALONE) / 2
    assert all(findings.explanation for findings in alone.values())
