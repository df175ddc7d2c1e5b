"""When a photograph cannot be graded."""

import pytest
from PIL import Image, ImageFilter

from tests.vlm.drawn import photograph
from vlm.signals.quality import image_quality

DARK = Image.eval(photograph(1), lambda value: value // 16)
BRIGHT = Image.eval(photograph(1), lambda value: 240 + value // 17)


@pytest.mark.parametrize(
    ("image", "issue"),
    [
        (photograph(1).filter(ImageFilter.GaussianBlur(12)), "blurred"),
        (DARK, "dark"),
        (BRIGHT, "bright"),
        (photograph(1, size=(80, 200)), "small"),
    ],
)
def test_a_poor_photograph_is_not_gradable_and_says_why(image: Image.Image, issue: str) -> None:
    quality = image_quality(image)
    assert not quality.gradable
    assert issue in quality.issues


@pytest.mark.parametrize("size", [(240, 240), (1600, 1200), (3000, 4000)])
def test_a_sharp_photograph_is_gradable_at_any_usual_size(size: tuple[int, int]) -> None:
    assert image_quality(photograph(2).resize(size)).gradable
