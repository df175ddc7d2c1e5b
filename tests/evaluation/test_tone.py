"""Skin tone in degrees, and the same photograph in another tone."""

import numpy as np
import pytest
from PIL import Image

from evaluation.tone import band, from_lab, ita, shift_tone, to_lab
from tests.vlm.drawn import photograph

# Swatches of sRGB and their L*a*b* under D65, computed with colour-science's published formulas.
SWATCHES = {
    (255, 255, 255): (100, 0, 0),
    (0, 0, 0): (0, 0, 0),
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
}


@pytest.mark.parametrize(("rgb", "expected"), SWATCHES.items())
def test_colours_are_the_published_ones(rgb: tuple[int, ...], expected: tuple[float, ...]) -> None:
    assert to_lab(np.array(rgb, dtype=np.uint8)) == pytest.approx(expected, abs=0.01)


def test_a_colour_comes_back_from_lab() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert (from_lab(to_lab(pixels)) == pixels).all()


def test_ita_of_one_colour_is_its_angle() -> None:
    light, _, yellow = to_lab(np.array((210, 160, 128), dtype=np.uint8))
    expected = np.degrees(np.arctan2(light - 50, yellow))
    assert ita(Image.new("RGB", (20, 30), (210, 160, 128))) == pytest.approx(expected)


def test_only_skin_counts_where_there_is_skin() -> None:
    skin = Image.new("RGB", (100, 100), (210, 160, 128))
    alone = ita(skin)
    skin.paste((20, 60, 200), (0, 0, 100, 80))
    assert ita(skin) == pytest.approx(alone)
    assert ita(Image.new("RGB", (100, 100), (20, 60, 200))) < -80


@pytest.mark.parametrize("degrees", [25, -25, 10])
def test_each_pixel_moves_by_the_angle_and_keeps_its_redness(degrees: float) -> None:
    tones = [[(232, 190, 165), (210, 160, 128), (174, 122, 90), (126, 84, 60)]]
    before = to_lab(np.array(tones, dtype=np.uint8))
    after = to_lab(np.asarray(shift_tone(Image.fromarray(np.array(tones, dtype=np.uint8)), degrees)))

    def angles(lab: np.ndarray) -> np.ndarray:
        return np.degrees(np.arctan2(lab[..., 0] - 50, lab[..., 2]))

    assert angles(after) - angles(before) == pytest.approx(np.full((1, 4), degrees), abs=1)
    assert after[..., 1] == pytest.approx(before[..., 1], abs=0.6)


def test_above_0_is_lighter() -> None:
    image = photograph(4)
    assert ita(shift_tone(image, -25)) < ita(image) < ita(shift_tone(image, 25))
    assert shift_tone(image, 0).tobytes() == image.tobytes()
    assert shift_tone(image, 25).size == image.size


def test_bands_meet_at_their_bounds() -> None:
    assert [band(angle) for angle in (-40, 9.99, 10, 28, 28.01, 80)] == [
        "dark", "dark", "middle", "middle", "light", "light",
    ]  # fmt: skip
