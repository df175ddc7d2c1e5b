"""Scores and explanations are those of transformers' own whole passes, whatever decoder stands behind.

Answers packed into one row, caches repeated for each answer, and one full reading of prompt and answer
without a cache give the same.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import MistralConfig

import vlm
from tests.vlm.drawn import clinical, photograph
from tests.vlm.local_models import PARITY
from tests.vlm.standard.tiny import llava
from triage.findings import CONDITIONS
from vlm.engine.backend import Row
from vlm.engine.reading import read
from vlm.standard.pictures import SHAPE, unpacked

# Shorter than any prompt.
WINDOW = 24
LONGEST = 12


def original_mistral(folder: Path, **changes: Any) -> None:
    """The original format, by links to its files but for the changes of the configuration."""
    for file in (PARITY / "llava-mistral-base").iterdir():
        (folder / file.name).symlink_to(file)
    (folder.parent / "openai").symlink_to(PARITY / "openai")
    config = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").unlink()
    (folder / "config.json").write_text(json.dumps(config))


DECODERS: dict[str, Callable[[Path], Any]] = {
    "llama": llava,
    "mistral": partial(llava, decoder=MistralConfig, sliding_window=None),
    "mistral with a window": partial(llava, decoder=MistralConfig, sliding_window=WINDOW),
    "original mistral": original_mistral,
    "original mistral with a window": partial(original_mistral, sliding_window=WINDOW),
}
CASES = [
    vlm.Presentation((photograph(1),), clinical()),
    vlm.Presentation((photograph(2, (120, 300)),), clinical(sex="female", red_flags={"eye": "yes"})),
    vlm.Presentation((photograph(3, (300, 200)),), clinical(symptoms={"fever": {"present": "yes"}})),
]


@pytest.fixture(scope="module", params=DECODERS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("decoder") / "model"
    folder.mkdir()
    DECODERS[request.param](folder)
    loaded: Any = vlm.load(folder, device="cpu")
    loaded.backend.longest_explanation = LONGEST
    return loaded


def rows(model: Any) -> list[Row]:
    return [model.backend.rows(case.images, case.clinical)[0] for case in CASES]


def pictures(row: Row) -> dict[str, Tensor]:
    """What `forward` takes."""
    return unpacked(row.pictures)[0] if any(n.endswith(SHAPE) for n in row.pictures) else row.pictures


@torch.inference_mode()
def slow_scores(model: Any, row: Row) -> Tensor:
    """Mean log-probability of each answer's tokens, by one pass without cache, padding or batch for each."""
    means = []
    for answer in model.backend.answers:
        whole = torch.tensor([row.ids + answer])
        logits = model.backend.network(input_ids=whole, **pictures(row), use_cache=False).logits[0]
        steps = logits[-len(answer) - 1 : -1].log_softmax(-1).gather(-1, torch.tensor(answer)[:, None])
        means.append(steps.mean())
    return torch.stack(means)


@torch.inference_mode()
def test_packed_repeated_and_whole_passes_score_the_same(model: Any) -> None:
    backend = model.backend
    assert any(len(answer) > 2 for answer in backend.answers)
    expected = torch.stack([slow_scores(model, row) for row in rows(model)]).log_softmax(-1)
    as_settled = backend.packs_answers
    try:
        for backend.packs_answers in {as_settled, False}:
            torch.testing.assert_close(read(backend, rows(model)).answers, expected, atol=1e-4, rtol=0)
    finally:
        backend.packs_answers = as_settled


def test_answers_are_packed_unless_a_window_would_hide_the_prompt_from_them(model: Any) -> None:
    window = getattr(model.backend.network.config.text_config, "sliding_window", None)
    assert model.backend.packs_answers == (window is None)


def test_the_explanation_is_what_generate_writes_behind_the_chosen_answer(model: Any) -> None:
    backend = model.backend
    for row, found in zip(rows(model), model.assess(CASES), strict=True):
        chosen = backend.answers[CONDITIONS.index(found.top.condition)] + backend.after_answer
        given = torch.tensor([row.ids + chosen])
        written = backend.network.generate(
            input_ids=given,
            attention_mask=torch.ones_like(given),
            **pictures(row),
            do_sample=False,
            max_new_tokens=LONGEST,
            suppress_tokens=sorted(backend.vocabulary.unwritable),
            eos_token_id=sorted(backend.vocabulary.ends),
            pad_token_id=backend.vocabulary.pad,
        )[0, given.shape[1] :].tolist()
        assert found.explanation == backend.vocabulary.decode(written).strip()
        assert found.explanation
