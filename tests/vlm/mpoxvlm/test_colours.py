"""Photographs without their tone: what the tone of the skin, light and tint do not change."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.vlm.drawn import photograph
from vlm.mpoxvlm.colours import without_tone
from vlm.signals.tone import turned


def seen(pixels: np.ndarray) -> Tensor:
    return without_tone(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255)


@pytest.mark.parametrize("degrees", [-20, -10, 10, 20])
def test_a_photograph_in_another_tone_looks_the_same(degrees: int) -> None:
    """But for what the edge of sRGB cuts off, and rounding to bytes."""
    pixels = np.asarray(photograph(3, size=(48, 48)).convert("RGB"))
    as_it_is, in_another_tone = seen(pixels), seen(turned(pixels, degrees))
    apart = float((as_it_is - in_another_tone).abs().mean())
    before = np.abs(pixels.astype(float) - turned(pixels, degrees)).mean() / pixels.std()
    assert apart < 0.1 * float(as_it_is.abs().mean())
    assert apart < 0.3 * before


def test_light_has_deviation_one_and_all_have_mean_nought() -> None:
    made = seen(np.asarray(photograph(1, size=(40, 40)).convert("RGB")))
    assert made[0, 0].std(correction=0) == pytest.approx(1.0, abs=1e-4)
    assert made.mean((2, 3)).abs().max() < 1e-5


def test_a_picture_of_one_colour_stays_finite() -> None:
    assert without_tone(torch.full((1, 3, 8, 8), 0.4)).abs().max() < 1e-3


def test_redness_stays() -> None:
    """A red spot on a plain ground stands out in a*, lighter or darker as the ground may be."""
    ground = np.full((24, 24, 3), (190, 150, 125), dtype=np.uint8)
    ground[8:16, 8:16] = (200, 110, 100)
    for degrees in (-25, 0, 25):
        red = seen(turned(ground, degrees))[0, 1]
        assert red[10:14, 10:14].mean() > red[:4, :4].mean() + 0.5


def test_a_slope_reaches_every_pixel() -> None:
    shown = torch.rand(1, 3, 8, 8).requires_grad_()
    without_tone(shown).square().sum().backward()
    assert shown.grad is not None
    assert torch.isfinite(shown.grad).all()
