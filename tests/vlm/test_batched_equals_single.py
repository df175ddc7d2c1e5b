"""A batch gives what its members give alone, in any order, for each local backend."""

import random

import pytest

import vlm
from tests.vlm.drawn import clinical, photograph
from tests.vlm.local_models import LOCAL_MODELS
from triage.clinical import Clinical, RedFlags
from triage.findings import Findings
from vlm.model import Model

SIZES = [(320, 240), (120, 360), (400, 150), (200, 200)]
COUNTS = [1, 1, 2, 8]
FLAGS = list(RedFlags.model_fields)


@pytest.fixture(scope="module", params=sorted(LOCAL_MODELS))
def model(request: pytest.FixtureRequest) -> Model:
    return LOCAL_MODELS[request.param]()


def told(number: int) -> Clinical:
    """From the shortest prompt to one with all red flags."""
    flags = random.Random(number).sample(FLAGS, number % (len(FLAGS) + 1))
    return clinical(red_flags=dict.fromkeys(flags, "yes"))


def case(number: int) -> vlm.Presentation:
    """Cases that differ in prompt, number of photographs and their shape."""
    count = COUNTS[number % len(COUNTS)] if number < 8 else 1
    pictures = tuple(photograph(number * 10 + i, SIZES[(number + i) % len(SIZES)]) for i in range(count))
    return vlm.Presentation(pictures, told(number))


def assert_alike(first: Findings, second: Findings) -> None:
    assert first.explanation == second.explanation
    for view in ("findings", "classifier"):
        ours, theirs = ({f.condition: f.probability for f in getattr(x, view)} for x in (first, second))
        assert ours == pytest.approx(theirs, abs=1e-4)
    assert first.image_quality == second.image_quality
    assert first.image_dependence == pytest.approx(second.image_dependence, abs=1e-4)


def test_batches_of_1_to_32_give_what_single_cases_give(model: Model) -> None:
    cases = [case(number) for number in range(32)]
    alone = [model.assess([shown])[0] for shown in cases]
    for size in (2, 5, 16, 32):
        for findings, expected in zip(model.assess(cases[:size]), alone, strict=False):
            assert_alike(findings, expected)


def test_the_order_of_cases_does_not_matter(model: Model) -> None:
    cases = [case(number) for number in range(7)]
    for findings, expected in zip(model.assess(cases), model.assess(cases[::-1])[::-1], strict=True):
        assert_alike(findings, expected)
