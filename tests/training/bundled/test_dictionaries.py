"""Words and kinds found without labels, readers that left out a fold, and how voices are weighed."""

import numpy as np
import pytest
import torch

from training.bundled.kinds import learn_kinds
from training.bundled.mixing import fit_mixture, mixed_across
from training.bundled.words import learn_words
from vlm.mpoxvlm.dictionary import Dictionary, DictionarySizes
from vlm.mpoxvlm.fisher import FisherSizes, FisherVectors


def stripes(count: int) -> torch.Tensor:
    """Pictures of stripes, upright ones and lying ones."""
    chance = torch.Generator().manual_seed(0)
    wave = torch.sin(torch.arange(16) * 1.6 + 6 * torch.rand(count, 1, generator=chance))
    upright = wave[:, None, None, :].expand(count, 3, 16, 16)
    shown = torch.where((torch.arange(count) % 2 == 0).view(-1, 1, 1, 1), upright, upright.transpose(2, 3))
    return shown + 0.1 * torch.randn(count, 3, 16, 16, generator=chance)


def test_words_are_the_same_for_the_same_seed_and_sum_to_nought() -> None:
    sizes = DictionarySizes(side=16, patch=4, stride=2, words=8)
    learnt, again = (learn_words(stripes(20), sizes, 3) for _ in range(2))
    assert all(torch.equal(learnt[name], again[name]) for name in learnt)
    Dictionary(sizes, 1, 2).load_state_dict(learnt, strict=False)
    assert learnt["words.weight"].sum((1, 2, 3)).abs().max() < 1e-3


def test_words_look_like_what_is_in_the_pictures() -> None:
    """Stripes vary along one side: so do most words."""
    learnt = learn_words(stripes(20), DictionarySizes(side=16, patch=4, stride=2, words=8), 3)
    grey = learnt["words.weight"].mean(1)
    along = grey.mean(1).var(1), grey.mean(2).var(1)
    ratio = torch.maximum(*along) / torch.minimum(*along).clamp(min=1e-9)
    assert (ratio > 4).sum() >= 6


def test_kinds_tell_upright_stripes_from_lying_ones() -> None:
    sizes = FisherSizes(side=16, patch=4, stride=2, kinds=4, directions=6)
    learnt, again = (learn_kinds(stripes(20), sizes, 3) for _ in range(2))
    assert all(torch.equal(learnt[name], again[name]) for name in learnt)
    assert learnt["frequencies"].sum() == pytest.approx(1, abs=1e-5)
    made = FisherVectors(sizes, 1, 2)
    made.load_state_dict(learnt, strict=False)
    with torch.inference_mode():
        # Without quarter turns, which would make the two alike.
        vectors = made.finished(made.counted(stripes(20)))
    alike = vectors @ vectors.T
    same, other = alike[0, 2::2].mean(), alike[0, 1::2].mean()
    assert same > other + 0.2


def voices() -> tuple[np.ndarray, np.ndarray]:
    """One voice that knows, one that guesses, of three conditions; the first condition is rare."""
    chance = np.random.default_rng(0)
    right = chance.choice(3, size=600, p=(0.1, 0.45, 0.45))
    labels = np.eye(3)[right]
    knowing = 1.5 * labels + chance.normal(size=(600, 3))
    guessing = chance.normal(size=(600, 3))
    said = np.stack([knowing, guessing])
    return said - np.logaddexp.reduce(said, axis=2, keepdims=True), labels


def test_a_voice_that_knows_gets_the_share() -> None:
    said, labels = voices()
    mixture = fit_mixture(said, labels)
    assert mixture.shares[0] > 1.0
    assert abs(mixture.shares[1]) < 0.3
    assert mixture.bias[0] < mixture.bias[1:].min()


def test_a_mixture_is_calibrated_and_sums_to_one() -> None:
    said, labels = voices()
    told = np.exp(fit_mixture(said, labels).of(said))
    assert np.allclose(told.sum(1), 1)
    assert np.allclose(told.mean(0), labels.mean(0), atol=0.03)


def test_a_fold_is_weighed_by_a_mixture_of_the_others() -> None:
    said, labels = voices()
    held_out = [np.arange(0, 300), np.arange(300, 600)]
    across = mixed_across(said, labels, held_out)
    alone = fit_mixture(said[:, 300:], labels[300:])
    assert np.allclose(across[0].shares, alone.shares)
    assert not np.allclose(across[0].shares, across[1].shares)
