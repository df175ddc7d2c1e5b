"""The overlay lies where the classifier looks, fits the photograph, and gives nothing of it away."""

from io import BytesIO

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional
from transformers import ViTConfig, ViTForImageClassification

from tests.vlm.drawn import photograph
from vlm.mpoxvlm.preprocessing import pixel_values
from vlm.signals.saliency import overlays

SIDE, PATCH = 32, 8


@pytest.fixture(scope="module")
def finder() -> ViTForImageClassification:
    """Trained for seconds to tell whether a bright square is red or green, wherever it lies."""
    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        image_size=SIDE, patch_size=PATCH, num_labels=2,
    )  # fmt: skip
    model = ViTForImageClassification(config).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(150):
        places, labels = torch.randint(0, 16, (32,)), torch.randint(0, 2, (32,))
        pixels = torch.stack([square(int(p), int(k)) for p, k in zip(places, labels, strict=True)])
        loss = functional.cross_entropy(model(pixels).logits, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.1
    return model.eval()


def square(place: int, label: int) -> torch.Tensor:
    """Noise with one coloured patch."""
    pixels = 0.1 * torch.randn(3, SIDE, SIDE)
    top, left = place // 4 * PATCH, place % 4 * PATCH
    pixels[label, top : top + PATCH, left : left + PATCH] += 3
    return pixels


def alpha(png: bytes) -> NDArray[np.float64]:
    with Image.open(BytesIO(png)) as picture:
        assert picture.mode == "RGBA"
        return np.asarray(picture, dtype=np.float64)[..., 3]


def test_the_overlay_lies_on_what_the_classifier_uses(finder: ViTForImageClassification) -> None:
    torch.manual_seed(1)
    found = 0
    for place in range(16):
        (png,) = overlays(finder, square(place, place % 2)[None], [Image.new("RGB", (64, 64))])
        mass = alpha(png)
        step = mass.shape[0] // 4
        by_patch = mass.reshape(4, step, 4, step).sum(axis=(1, 3)).ravel()
        found += int(by_patch.argmax()) == place
    assert found >= 11, "chance would find one, and a single gradient five"


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (1000, 100)])
def test_it_has_the_photographs_shape_and_is_empty_outside_the_square_that_was_seen(
    finder: ViTForImageClassification, size: tuple[int, int]
) -> None:
    image = photograph(3, size)
    (png,) = overlays(finder, torch.from_numpy(pixel_values([image], SIDE)), [image])
    mass = alpha(png)
    height, width = mass.shape
    assert max(width, height) == 256
    assert abs(width / height / (size[0] / size[1]) - 1) < 0.05
    margin = abs(width - height) // 2
    outside = mass if width > height else mass.T
    assert outside[:, : margin - 1].max() == outside[:, -margin + 1 :].max() == 0
    assert mass.max() > 0


def test_a_batch_says_what_each_says_alone_also_in_inference_mode(
    finder: ViTForImageClassification,
) -> None:
    images = [photograph(seed, (90, 60 + 10 * seed)) for seed in range(5)]
    pixels = torch.from_numpy(pixel_values(images, SIDE))
    with torch.inference_mode():
        together = overlays(finder, pixels * 1.0, images)
    for image, own, png in zip(images, pixels.split(1), together, strict=True):
        (alone,) = overlays(finder, own, [image])
        # One step of the ramp is 16: rounding may fall to either side in a few pixels.
        assert np.abs(alpha(alone) - alpha(png)).mean() < 0.1


def test_it_is_small_repeats_itself_and_carries_no_word(finder: ViTForImageClassification) -> None:
    image = photograph(7, (1200, 1200))
    pixels = torch.from_numpy(pixel_values([image], SIDE))
    (png,) = overlays(finder, pixels, [image])
    assert overlays(finder, pixels, [image]) == [png]
    assert len(png) < 30_000
    with Image.open(BytesIO(png)) as picture:
        assert picture.info == {}
        assert len(picture.getcolors(1000) or []) <= 13, "colours of the ramp, none of the photograph"


def test_the_classifier_is_left_without_gradients(finder: ViTForImageClassification) -> None:
    finder.zero_grad(set_to_none=True)
    overlays(finder, torch.zeros(1, 3, SIDE, SIDE), [Image.new("RGB", (32, 32))])
    assert all(parameter.grad is None for parameter in finder.parameters())
