"""Names are scored as the network itself would score them, each alone behind the question."""

from typing import Any

import pytest
import torch

import vlm
from tests.vlm.drawn import photograph
from tests.vlm.local_models import LOCAL_MODELS, loaded
from vlm.errors import UnsupportedCheckpoint
from vlm.naming import Naming

QUESTION = "Which of these is it: nevus, basal cell carcinoma, wart?"
NAMES = ("nevus", "basal cell carcinoma", "wart")
PHOTOGRAPHS = [photograph(seed, size) for seed, size in enumerate([(320, 240), (150, 260), (128, 128)])]


@pytest.mark.parametrize("name", LOCAL_MODELS)
def test_company_and_order_change_nothing(name: str) -> None:
    naming = Naming(loaded(name), QUESTION, NAMES)
    rows = [naming.ready(one) for one in PHOTOGRAPHS]
    together, reverse = naming.scores(rows), naming.scores(rows[::-1])
    alone = torch.cat([naming.scores([row]) for row in rows])
    assert together.shape == (3, 3)
    assert (together - alone).abs().max() < 1e-4
    assert (together - reverse.flip(0)).abs().max() < 1e-4
    assert (together[0] - together[1]).abs().max() > 1e-4


@pytest.mark.parametrize("name", ["mpoxvlm", "original llava"])
def test_a_score_is_the_mean_log_probability_of_the_names_tokens(name: str) -> None:
    model = loaded(name)
    naming = Naming(model, QUESTION, NAMES)
    row = naming.ready(PHOTOGRAPHS[0])
    scores = naming.scores([row])[0]
    for place, words in enumerate(NAMES):
        answer = model.backend.vocabulary.encode(f" {words}")  # type: ignore[attr-defined]
        assert float(scores[place]) == pytest.approx(_mean_log_probability(model, row, answer), abs=1e-4)


def _mean_log_probability(model: Any, row: Any, answer: list[int]) -> float:
    """One plain pass over prompt and answer, without a cache."""
    with torch.inference_mode():
        logits = model.backend.network(input_ids=torch.tensor([row.ids + answer]), **row.pictures).logits[0]
    steps = logits[len(row.ids) - 1 : -1].log_softmax(-1)
    return float(steps[range(len(answer)), answer].mean())


def test_a_model_whose_tokens_are_not_read_here_is_refused() -> None:
    with pytest.raises(UnsupportedCheckpoint, match="simulated does not let names be scored"):
        Naming(vlm.load("simulated"), QUESTION, NAMES)
