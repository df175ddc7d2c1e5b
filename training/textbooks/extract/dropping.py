"""Why a picture is no figure: on its page, and seen over the whole book."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from PIL import Image

from training.textbooks.geometry import area
from training.textbooks.records import Box, Page

_TINY = 28.0  # points: smaller is an icon or a bullet
_TINY_PIXELS = 24
_RULE = 12.0  # times longer than wide
_FLAT = 3.0  # standard deviation of grey, of 255: nothing is to be seen
_REPEATS = 3  # pages that show the same picture
_GROUND = 0.85  # part of a page that carries text of its own


def why_no_figure(box: Box, image: Image.Image, size: tuple[float, float], characters: int) -> str:
    """The reason, or nothing."""
    short, long = sorted((max(box.width, 0.01), max(box.height, 0.01)))
    if long / short > _RULE:
        return "rule"
    if short < _TINY or min(image.size) < _TINY_PIXELS:
        return "tiny"
    if area(box) > _GROUND * size[0] * size[1] and characters > 0:
        return "background"
    if float(np.asarray(image.convert("L").resize((64, 64))).std()) < _FLAT:
        return "decoration"
    return ""


class Repeated:
    """Counts on how many pages a picture appears; a logo or ornament is on many."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self._pages: Counter[str] = Counter()
        for page in pages:
            self._pages.update({figure.sha256 for figure in page.figures})

    def without(self, page: Page) -> Page:
        """The page, its repeated pictures marked as dropped."""
        figures = tuple(
            figure.model_copy(update={"dropped": "logo"})
            if not figure.dropped and self._pages[figure.sha256] >= _REPEATS
            else figure
            for figure in page.figures
        )
        return page.model_copy(update={"figures": figures})
