"""A dictionary of textures: what its words find, and what it does not hear."""

import pytest
import torch

from vlm.mpoxvlm.dictionary import Dictionary, DictionarySizes, pooled
from vlm.mpoxvlm.textures import resized, views


def dictionary() -> Dictionary:
    torch.manual_seed(0)
    made = Dictionary(DictionarySizes(side=16, patch=4, stride=2, words=6), members=2, labels=3)
    with torch.no_grad():
        weight = made.words.weight
        weight -= weight.mean((1, 2, 3), keepdim=True)
        weight *= 3
    return made.eval()


def pictures(count: int = 2) -> torch.Tensor:
    return torch.randn(count, 3, 16, 16, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def test_a_quarter_turn_changes_nothing() -> None:
    made = dictionary()
    assert torch.allclose(made(pictures()), made(pictures().rot90(1, (2, 3))), atol=1e-5)


@torch.inference_mode()
def test_a_brighter_picture_changes_nothing_and_contrast_little() -> None:
    made = dictionary()
    plain = made.features(pictures())
    assert torch.allclose(plain, made.features(pictures() + 2.0), atol=1e-3)
    assert torch.allclose(plain, made.features(3 * pictures()), atol=0.05)


@torch.inference_mode()
def test_a_word_is_found_where_it_stands() -> None:
    made = dictionary()
    shown = torch.zeros(1, 3, 16, 16)
    shown[0, :, 4:8, 10:14] = made.words.weight[2]
    found = made.found(shown)[0, 2]
    assert divmod(int(found.argmax()), found.shape[1]) == (2, 5)


@torch.inference_mode()
def test_pools_are_those_of_their_names() -> None:
    found = torch.rand(1, 1, 8, 8)
    mean, mean_square, greatest, middle = pooled(found)[0].square()
    assert mean == pytest.approx(float(found.mean()), abs=1e-5)
    assert mean_square == pytest.approx(float(found.square().mean()), abs=1e-5)
    assert greatest == pytest.approx(float(found.max()), abs=1e-5)
    assert middle == pytest.approx(float(found[..., 2:6, 2:6].mean()), abs=1e-5)


@torch.inference_mode()
def test_each_member_has_a_reader_of_its_own() -> None:
    made = dictionary()
    said = made(pictures())
    assert said.shape == (2, 2, 3)
    by_hand = made.features(pictures()) @ made.readers.weight[3:].T + made.readers.bias[3:]
    assert torch.allclose(said[1], by_hand, atol=1e-5)


def test_what_speaks_for_a_label_is_told_by_place() -> None:
    spoken = dictionary().spoken(pictures(), torch.tensor([[0], [2]]))
    assert spoken.shape == (2, 7, 7)
    assert float(spoken.abs().max()) > 0


def test_a_picture_is_seen_whole_and_in_the_middle_in_four_turns() -> None:
    shown = torch.zeros(1, 3, 32, 32)
    shown[..., 2:30, 2:30] = 1.0
    seen = [*views(shown, 16)]
    assert len(seen) == 8
    assert all(view.shape == (1, 3, 16, 16) for view in seen)
    assert all(float(view.min()) < 0.6 for view in seen[:4])
    assert all(torch.allclose(view, torch.ones(1, 3, 16, 16)) for view in seen[4:])


@torch.inference_mode()
def test_half_the_side_is_the_mean_of_neighbours_in_the_middle_of_plain_parts() -> None:
    shown = torch.ones(1, 3, 16, 16)
    assert torch.allclose(resized(shown, 8), torch.ones(1, 3, 8, 8), atol=1e-6)
    assert resized(shown, 16) is shown
