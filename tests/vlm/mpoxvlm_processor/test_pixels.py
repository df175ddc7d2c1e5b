"""The image processor gives the pixels that the network was trained on, to the bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

from tests.vlm.drawn import photograph
from vlm.loading import BUNDLED
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.image_processor import MpoxVLMImageProcessor
from vlm.mpoxvlm.preprocessing import MEAN, STD, centre_square, pixel_values
from vlm.mpoxvlm.processor import processor_of
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer

SIZES = [(320, 240), (240, 321), (129, 129), (128, 128), (1025, 403), (60, 41)]
CLIP = {"image_mean": OPENAI_CLIP_MEAN, "image_std": OPENAI_CLIP_STD}


def mixed() -> list[Image.Image]:
    """Every size, and the forms that a photograph may come in."""
    pictures = [photograph(number, size) for number, size in enumerate(SIZES)]
    quantised = photograph(7).quantize(64)
    return [*pictures, photograph(8).convert("L"), photograph(9).convert("RGBA"), quantised]


def pixels(images: list[Image.Image], **config: Any) -> dict[str, torch.Tensor]:
    return dict(MpoxVLMImageProcessor(**config)(images, return_tensors="pt"))


def by_hand(images: list[Image.Image], side: int, mean: list[float], std: list[float]) -> torch.Tensor:
    squares = np.stack([np.asarray(centre_square(image, side), dtype=np.float32) for image in images])
    shifted = (squares / 255.0 - np.array(mean, dtype=np.float32)) / np.array(std, dtype=np.float32)
    return torch.from_numpy(shifted).permute(0, 3, 1, 2)


def test_the_pixels_of_every_size_and_mode_are_those_of_the_product_to_the_bit() -> None:
    made = AutoImageProcessor.from_pretrained(BUNDLED)(mixed(), return_tensors="pt")
    assert list(made) == ["pixel_values"]
    assert torch.equal(made["pixel_values"], torch.from_numpy(pixel_values(mixed(), 128)))


def test_without_a_configuration_it_normalises_as_the_product_does() -> None:
    numbers = MpoxVLMImageProcessor()
    assert np.array_equal(np.array(numbers.image_mean, dtype=np.float32), MEAN)
    assert np.array_equal(np.array(numbers.image_std, dtype=np.float32), STD)


def test_arrays_are_read_as_pictures() -> None:
    image = photograph(1)
    assert torch.equal(pixels([np.asarray(image)])["pixel_values"], pixels([image])["pixel_values"])


def test_side_mean_and_deviation_are_the_configured_ones() -> None:
    found = pixels(mixed(), size=336, **CLIP)
    assert torch.equal(found["pixel_values"], by_hand(mixed(), 336, OPENAI_CLIP_MEAN, OPENAI_CLIP_STD))


def test_the_lesion_classifier_gets_pixels_of_its_own_where_configured() -> None:
    half = [0.5, 0.5, 0.5]
    found = pixels(mixed(), size=84, **CLIP, lesion_size=48, lesion_image_mean=half, lesion_image_std=half)
    assert torch.equal(found["pixel_values"], by_hand(mixed(), 84, OPENAI_CLIP_MEAN, OPENAI_CLIP_STD))
    assert torch.equal(found["lesion_pixel_values"], by_hand(mixed(), 48, half, half))


def test_the_lesion_classifier_s_numbers_are_clip_s_where_only_its_side_is_given() -> None:
    found = pixels(mixed(), size=84, **CLIP, lesion_size=48)
    assert torch.equal(found["lesion_pixel_values"], by_hand(mixed(), 48, OPENAI_CLIP_MEAN, OPENAI_CLIP_STD))


def test_a_configured_image_processor_is_the_same_after_saving(tmp_path: Path) -> None:
    told = {"size": 84, **CLIP, "lesion_size": 48, "lesion_image_std": [0.3, 0.4, 0.5]}
    saved = MpoxVLMImageProcessor(**told)
    saved.save_pretrained(tmp_path)
    loaded = AutoImageProcessor.from_pretrained(tmp_path)
    assert isinstance(loaded, MpoxVLMImageProcessor)
    assert loaded.to_dict() == saved.to_dict()
    before, after = pixels(mixed(), **told), loaded(mixed(), return_tensors="pt")
    assert set(before) == set(after) == {"pixel_values", "lesion_pixel_values"}
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_network_with_towers_of_one_size_gets_one_kind_of_pixels() -> None:
    words = MpoxVLMTokenizer.from_folder(BUNDLED)
    config = MpoxVLMConfig.from_pretrained(BUNDLED)
    assert processor_of(config, words).image_processor.lesion_size is None
    own = processor_of(config, words, lesion_image_mean=[0.5] * 3).image_processor
    assert dict(own.lesion_size) == {"height": 128, "width": 128}


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"size": {"height": 96, "width": 64}}, "size must be"),
        ({"size": {"shortest_edge": 96}}, "size must be"),
        ({"lesion_size": {"height": 48, "width": 64}}, "lesion_size must be"),
        ({"do_rescale": False}, "do_rescale"),
        ({"crop_size": 64, "do_normalize": False}, "crop_size, do_normalize"),
    ],
)
def test_what_would_give_other_pixels_than_trained_is_refused_by_name(
    told: dict[str, Any], names: str
) -> None:
    with pytest.raises(ValueError, match=names):
        MpoxVLMImageProcessor(**told)
    with pytest.raises(ValueError, match=names):
        MpoxVLMImageProcessor()([photograph(1)], **told)
