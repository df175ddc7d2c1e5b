"""The parts of the check whether the photograph counts."""

import pytest
from PIL import Image

from tests.vlm.drawn import photograph
from vlm.signals.image_dependence import is_sampled, mean_colour, total_variation


def test_the_mean_colour_is_one_colour_of_the_photographs_size() -> None:
    half = Image.new("RGB", (40, 20), (200, 100, 0))
    half.paste((100, 100, 50), (0, 0, 20, 20))
    blank = mean_colour(half)
    assert blank.size == (40, 20)
    assert blank.getcolors() == [(800, (150, 100, 25))]


def test_the_same_case_is_always_sampled_alike_and_the_share_is_kept() -> None:
    pictures = [(photograph(n, size=(32, 32)),) for n in range(200)]
    chosen = [is_sampled(images, "prompt", 0.3) for images in pictures]
    assert chosen == [is_sampled(images, "prompt", 0.3) for images in pictures]
    assert 35 <= sum(chosen) <= 85
    assert all(is_sampled(images, "prompt", 0.6) for images, was in zip(pictures, chosen, strict=True) if was)


def test_pixels_and_prompt_both_decide() -> None:
    one = (photograph(1, size=(32, 32)),)
    assert len({is_sampled(one, f"prompt {n}", 0.5) for n in range(20)}) == 2


def test_all_or_none_are_sampled_without_looking_at_the_pixels() -> None:
    assert is_sampled((), "prompt", 1.0)
    assert not is_sampled((), "prompt", 0.0)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [([0.5, 0.5], [0.5, 0.5], 0.0), ([1.0, 0.0], [0.0, 1.0], 1.0), ([0.7, 0.3], [0.4, 0.6], 0.3)],
)
def test_total_variation_is_the_share_that_moved(
    first: list[float], second: list[float], distance: float
) -> None:
    assert total_variation(first, second) == pytest.approx(distance)
