"""The parts of the recipe: views, balance, evidence, the decoder's examples."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.training.bundled.conftest import TINY
from training.bundled.balance import balanced
from training.bundled.decoder import drawn_log_probabilities, example
from training.bundled.evidence import MOST, Evidence, evidence_from
from training.bundled.plan import Views
from training.bundled.tokenizer import train_tokenizer
from training.bundled.views import mixed, view
from training.photographs import DataError, Photographs
from training.simulated_clinical import bare_clinical, real_clinical
from triage.findings import CONDITIONS


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_view_depends_on_its_generator_alone(photographs: Photographs) -> None:
    pixels = torch.from_numpy(photographs.pixels[:4])
    first, again, other = (view(pixels, 32, Views(), chance(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert float(first.min()) >= 0
    assert float(first.max()) <= 1


def test_mixed_labels_follow_the_pictures() -> None:
    views, labels = torch.zeros(4, 3, 8, 8), torch.eye(4)
    views[0] = 1.0
    for seed in range(20):
        together, targets = mixed(views, labels, 1.0, chance(seed))
        assert torch.allclose(together.mean((1, 2, 3)), targets[:, 0], atol=1e-5)
        assert torch.allclose(targets.sum(1), torch.ones(4))
    assert mixed(views, labels, 0.0, chance())[0] is views


def test_a_tone_that_goes_with_a_condition_is_drawn_no_more_often_there() -> None:
    """Nine dark and one light photograph of mpox, the other way round for chickenpox."""
    dark, light = (Image.new("RGB", (24, 24), colour) for colour in ((92, 58, 40), (236, 200, 176)))
    shown = [dark] * 9 + [light] + [light] * 9 + [dark]
    labels = np.zeros((20, 10), dtype=np.float32)
    labels[:10, 0] = labels[10:, 1] = 1
    drawn = Photographs(
        np.stack([np.asarray(one) for one in shown]), labels, tuple(f"g{i}" for i in range(20)), ({},) * 20
    )
    weights = balanced(drawn)
    dark_mpox, light_mpox = weights[:9].sum(), weights[9]
    before = 9.0
    assert dark_mpox / light_mpox < before / 4


def test_the_table_of_patients_speaks_among_tumours_only(data: Path) -> None:
    evidence = evidence_from(data, 1.0)
    itching = evidence.of(real_clinical({"age": "60", "itch": "True", "region": "FACE"}))
    places = [CONDITIONS.index(name) for name in ("ack", "bcc", "mel", "nev", "scc", "sek")]
    assert itching.argmax() == CONDITIONS.index("ack")
    assert not itching[:4].any()
    assert itching[places].max() > 0.5
    assert np.abs(itching).max() <= MOST


def test_silence_says_nothing(data: Path) -> None:
    assert not evidence_from(data, 1.0).of(bare_clinical()).any()


def test_patients_left_out_are_not_learnt_from(data: Path) -> None:
    all_of_them = evidence_from(data, 1.0)
    half = evidence_from(data, 1.0, frozenset(f"T{number}" for number in range(30)))
    assert not np.allclose(all_of_them.weights, half.weights)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pad_ufes_20_metadata"):
        evidence_from(tmp_path, 1.0)


def test_drawn_probabilities_are_sure_of_any_condition_and_of_none() -> None:
    drawn = drawn_log_probabilities(400, chance()).exp()
    assert torch.allclose(drawn.sum(1), torch.ones(400), atol=1e-5)
    assert set(drawn.argmax(1).tolist()) == set(range(10))
    assert float(drawn.amax(1).min()) < 0.3
    assert float(drawn.amax(1).max()) > 0.95


def test_the_right_answers_are_the_photographs_with_the_facts_added() -> None:
    tokenizer = train_tokenizer(TINY)
    told = np.log(np.full(10, 0.1, dtype=np.float32))
    for_mel = np.zeros(10)
    for_mel[CONDITIONS.index("mel")] = 2.0
    evidence = _Fixed((), np.zeros((0, 10)), for_mel)
    one = example(told, {}, ("dark picture",), tokenizer, 5, evidence, random.Random(1))
    assert one.right[CONDITIONS.index("mel")] / one.right[0] == pytest.approx(np.exp(2.0))
    assert one.right.sum() == pytest.approx(1)
    assert one.ids[one.answer_at] in {tokens[0] for tokens in tokenizer.answers}
    assert tokenizer.decode(one.ids[one.explained_from :]).strip().startswith("Fits best:")
    assert all(len(tokens) == 1 for tokens in tokenizer.answers)


class _Fixed(Evidence):
    """Says the same of everybody."""

    def of(self, clinical: object) -> np.ndarray:
        return self.constant
