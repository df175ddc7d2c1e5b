"""Guesses at how an explanation goes on save passes of the network and change no word."""

import random
from collections.abc import Iterator

import pytest
import torch

import vlm
from tests.vlm.drawn import photograph
from training.simulated_clinical import draw_clinical
from triage.findings import CONDITIONS
from vlm.engine.assessor import Assessor
from vlm.engine.drafts import LONGEST_DRAFT, Drafts
from vlm.engine.learning import learnt


@pytest.fixture(scope="module")
def model() -> Assessor:
    loaded = vlm.load(device="cpu")
    assert isinstance(loaded, Assessor)
    return loaded


@pytest.fixture
def cases() -> list[vlm.Presentation]:
    chance = random.Random(11)
    return [
        vlm.Presentation((photograph(number),), draw_clinical(condition, {}, chance, wide=True))
        for number, condition in enumerate(CONDITIONS)
    ]


@pytest.fixture
def passes(model: Assessor) -> Iterator[list[int]]:
    """How many tokens each pass behind a prompt read."""
    widths: list[int] = []
    advance = model.backend.advance

    def counted(ids: torch.Tensor, *rest: object) -> torch.Tensor:
        widths.append(ids.shape[1])
        return advance(ids, *rest)  # type: ignore[arg-type]

    model.backend.advance = counted  # type: ignore[method-assign]
    drafts = model.drafts
    yield widths
    del model.backend.advance
    model.drafts = drafts


def test_guesses_change_no_word_and_save_more_than_half_of_the_passes(
    model: Assessor, cases: list[vlm.Presentation], passes: list[int]
) -> None:
    guessed = [findings.explanation for findings in model.assess(cases)]
    with_guesses = len(passes)
    model.drafts = Drafts()
    assert [findings.explanation for findings in model.assess(cases)] == guessed
    assert with_guesses < (len(passes) - with_guesses) / 2


@pytest.mark.parametrize("guarded", [True, False])
def test_wrong_guesses_change_no_word(
    model: Assessor, cases: list[vlm.Presentation], passes: list[int], guarded: bool
) -> None:
    model.guarded = guarded
    try:
        right = [findings.explanation for findings in model.assess(cases)]
        model.drafts = _nonsense(model)
        passes.clear()
        assert [findings.explanation for findings in model.assess(cases)] == right
        assert max(passes) > 4
    finally:
        model.guarded = True


def test_explanations_of_mixed_length_end_each_at_their_own_place(
    model: Assessor, cases: list[vlm.Presentation]
) -> None:
    alone = [model.assess([case])[0].explanation for case in cases]
    assert [findings.explanation for findings in model.assess(cases)] == alone
    assert len({len(text) for text in alone}) > 3


def test_what_is_guessed_is_learnt_at_loading_and_not_from_cases(
    model: Assessor, cases: list[vlm.Presentation]
) -> None:
    before = vars(learnt(model.backend))
    model.assess(cases)
    assert vars(model.drafts) == before == vars(learnt(model.backend))


def test_nothing_is_guessed_where_half_precision_could_make_words_depend_on_it(model: Assessor) -> None:
    half = vlm.load(device="cpu")
    assert isinstance(half, Assessor)
    half.backend.network.to(torch.bfloat16)
    assert learnt(half.backend).draft(0, list(range(9)), None, 5) == []


def test_a_guess_is_never_longer_than_asked_for(model: Assessor) -> None:
    told = [1, 2, 3] * 20
    drafts = Drafts([(0, told)])
    assert drafts.draft(0, [1, 2, 3], None, 4) == [1, 2, 3, 1]
    assert len(drafts.draft(0, [1, 2, 3], None, 100)) == LONGEST_DRAFT
    assert drafts.draft(0, [9, 9, 9], None, 4) == []


def _nonsense(model: Assessor) -> Drafts:
    """Drafts that always guess, and hardly ever rightly."""

    class Nonsense(Drafts):
        def _guess(self, answer: int, before: tuple[int, ...], allowed: object) -> int:
            return 7 + sum(before) % 900

    return Nonsense([(0, list(range(5)))])
