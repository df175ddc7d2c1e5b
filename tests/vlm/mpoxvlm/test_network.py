"""Two towers of different sizes, one decoder: what forward takes, gives and refuses."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.vlm.mpoxvlm.networks import IMAGE, LABELS, clip_config, lesion_config, network, rows
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration, image_outputs
from vlm.mpoxvlm.grids import on_grid_of, pooled


@pytest.fixture(scope="module")
def unequal() -> MpoxVLMForConditionalGeneration:
    return network()


def test_a_grid_is_brought_to_another_without_moving_the_picture() -> None:
    rising = torch.arange(3.0).repeat(3, 1).reshape(1, 9, 1)
    spread = on_grid_of(torch.zeros(1, 36, 4), rising).reshape(6, 6)
    assert torch.allclose(spread[0], torch.tensor([0.0, 0.25, 0.75, 1.25, 1.75, 2.0]))
    assert torch.allclose(spread, spread[0].expand(6, 6))


def test_equal_grids_are_left_as_they_are_and_neighbours_are_pooled() -> None:
    patches = torch.randn(2, 16, 3)
    assert on_grid_of(torch.zeros(2, 16, 5), patches) is patches
    square = patches.reshape(2, 4, 4, 3)
    assert torch.allclose(pooled(patches, 2)[:, 1], square[:, :2, 2:].mean(dim=(1, 2)), atol=1e-6)


@torch.inference_mode()
def test_each_tower_reads_its_own_pictures(unequal: MpoxVLMForConditionalGeneration) -> None:
    given = rows(unequal.config)
    views = unequal.model.view(given.pixels, given.lesion_pixels)
    alone = unequal.model.lesion_classifier(given.lesion_pixels)
    clip = unequal.model.vision_tower(given.pixels, output_hidden_states=True).hidden_states[-2][:, 1:]
    assert torch.equal(views.lesion_logits, alone.logits)
    assert torch.equal(views.patches[..., :16], clip)
    assert unequal.model.fuse(views).shape == (3, unequal.config.image_seq_length, 32)


@torch.inference_mode()
def test_forward_gives_the_classifiers_logits_and_both_towers_change_what_is_said(
    unequal: MpoxVLMForConditionalGeneration,
) -> None:
    given = rows(unequal.config)
    output = unequal(**given.inputs)
    assert output.lesion_logits.shape == (3, LABELS)
    for name in ("pixel_values", "lesion_pixel_values"):
        other = unequal(**given.inputs | {name: given.inputs[name].flip(0)})
        assert (other.logits[0, -1] - output.logits[0, -1]).abs().max() > 1e-3


@torch.inference_mode()
def test_pictures_that_were_seen_before_give_the_same(unequal: MpoxVLMForConditionalGeneration) -> None:
    inputs = rows(unequal.config).inputs
    output = unequal(**inputs)
    views = unequal.model.view(inputs.pop("pixel_values"), inputs.pop("lesion_pixel_values"))
    seen = unequal(**inputs, mm_encoder_outputs={"image": image_outputs(unequal.model.fuse(views))})
    assert torch.equal(seen.logits, output.logits)
    assert seen.lesion_logits is None


@torch.inference_mode()
def test_one_picture_serves_both_towers_where_their_sizes_agree() -> None:
    equal = network(lesion_config=lesion_config(image_size=56, patch_size=8), vision_config=clip_config())
    inputs = rows(equal.config).inputs
    inputs["lesion_pixel_values"] = inputs["pixel_values"]
    both = equal(**inputs)
    inputs.pop("lesion_pixel_values")
    assert torch.equal(equal(**inputs).logits, both.logits)


def test_missing_pictures_are_refused_with_the_remedy(unequal: MpoxVLMForConditionalGeneration) -> None:
    inputs = rows(unequal.config).inputs
    lesion = inputs.pop("lesion_pixel_values")
    with pytest.raises(ValueError, match=r"56 and 48 pixels: give lesion_pixel_values \(B, 3, 48, 48\)"):
        unequal(**inputs)
    pixels = inputs.pop("pixel_values")
    with pytest.raises(ValueError, match="lesion_pixel_values without pixel_values"):
        unequal(**inputs, lesion_pixel_values=lesion)
    with pytest.raises(ValueError, match="lesion_labels without pictures"):
        unequal(torch.tensor([[3, 4]]), lesion_labels=torch.tensor([0]))
    seen = {"image": unequal.model.get_image_features(pixels, lesion)}
    with pytest.raises(ValueError, match="give one of them"):
        unequal(**inputs, pixel_values=pixels, lesion_pixel_values=lesion, mm_encoder_outputs=seen)


def test_the_loss_is_the_sum_of_what_is_known(unequal: MpoxVLMForConditionalGeneration) -> None:
    given = rows(unequal.config)
    words = given.ids.masked_fill((given.ids == IMAGE) | (given.attention == 0), -100)
    labels = torch.tensor([1, -100, 4])

    def loss(**known: Tensor) -> Tensor:
        return unequal(**given.inputs, **known)

    both, language = loss(labels=words, lesion_labels=labels), loss(labels=words)
    lesion, unknown = loss(lesion_labels=labels), loss(lesion_labels=torch.full((3,), -100))
    expected = functional.cross_entropy(lesion.lesion_logits[[0, 2]], labels[[0, 2]])
    assert lesion.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert both.loss.item() == pytest.approx(language.loss.item() + lesion.loss.item(), rel=1e-5)
    assert unknown.loss.item() == 0
    both.loss.backward()
    towers = (unequal.model.vision_tower, unequal.model.lesion_classifier.classifier)
    assert all(any(p.grad is not None and p.grad.any() for p in tower.parameters()) for tower in towers)
    unequal.zero_grad()
    assert unequal(**given.inputs).loss is None


@torch.inference_mode()
def test_a_tuple_is_given_where_one_is_asked_for(unequal: MpoxVLMForConditionalGeneration) -> None:
    inputs = rows(unequal.config).inputs
    assert torch.equal(unequal(**inputs, return_dict=False)[0], unequal(**inputs).logits)
