"""Marks that somebody drew into a picture: arrows, letters, rulers; and the bar over the eyes.

A drawn mark is of one colour throughout, ends sharply and is thin; what a camera saw shades off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST = 640
# Marks smaller than this share of the picture's shorter side are specks; larger ones are parts of the scene.
SMALLEST, LARGEST = 0.015, 0.35
# A stroke's half width over the mark's longer side.
THICKEST = 0.26
TICKS = 7
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Mark:
    """A patch of one colour with sharp edges. In pixels; `half_width` of its thickest place."""

    x: int
    y: int
    width: int
    height: int
    area: int
    half_width: float

    @property
    def longer(self) -> int:
        """Its longer side."""
        return max(self.width, self.height)

    @property
    def filled(self) -> float:
        """The share of its box that it fills."""
        return self.area / (self.width * self.height)


def annotation_reasons(picture: Image.Image) -> list[str]:
    """`annotated`, `identifying_mark` (a bar over the eyes), both or none."""
    small = picture.copy()
    small.thumbnail((LONGEST, LONGEST))
    rgb = np.asarray(small).astype(np.int16)
    marks = [mark for mask in _pure(rgb) for mark in _marks(mask, rgb)]
    reasons = []
    if any(_is_drawn(mark) for mark in marks) or _is_ruled(marks):
        reasons.append("annotated")
    if _has_bar(rgb):
        reasons.append("identifying_mark")
    return reasons


def _pure(rgb: NDArray[np.int16]) -> Iterator[Mask]:
    """Where the picture is black, white, or of one of the pure colours that marks are drawn in."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    low, high = np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)
    yield low > 238
    yield high < 22
    vivid = (high > 200) & (low < 60)
    yield vivid & (blue < 60) & (red > 200) & (green > 190)
    yield vivid & (green < 60) & (blue < 60)
    yield vivid & (red < 90) & (green > 200)
    yield vivid & (red < 60) & (blue > 200)


def _marks(mask: Mask, rgb: NDArray[np.int16]) -> Iterator[Mark]:
    import cv2

    cv2.setNumThreads(1)
    side = min(mask.shape)
    _, labelled, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    for number, (x, y, width, height, area) in enumerate(boxes[1:].tolist(), start=1):
        if not (SMALLEST * side <= max(width, height) <= LARGEST * side) or area < 12:
            continue
        if x == 0 or y == 0 or x + width == mask.shape[1] or y + height == mask.shape[0]:
            continue
        top, left = max(0, y - 3), max(0, x - 3)
        window = (slice(top, y + height + 3), slice(left, x + width + 3))
        shape = labelled[window] == number
        if _ends_sharply(shape, rgb[window]):
            thick = cv2.distanceTransform(shape.astype(np.uint8), cv2.DIST_L2, 3).max()
            yield Mark(x, y, width, height, area, float(thick))


def _ends_sharply(shape: Mask, colours: NDArray[np.int16]) -> bool:
    """True where three pixels outside the edge nearly all colours are plainly others."""
    import cv2

    body = shape.astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    near, far = cv2.dilate(body, kernel, iterations=2), cv2.dilate(body, kernel, iterations=3)
    ring = (far > 0) & (near == 0)
    if not ring.any():
        return False
    inside = np.median(colours[shape], axis=0)
    apart = np.abs(colours[ring] - inside).max(axis=1)
    return bool((apart > 60).mean() > 0.9)


def _is_drawn(mark: Mark) -> bool:
    """A letter or an arrow: strokes thin beside its size, neither a dot nor a hair."""
    thin = mark.half_width / mark.longer
    return 0.04 < thin < THICKEST and 0.12 < mark.filled < 0.9 and mark.area > 40


def _is_ruled(marks: list[Mark]) -> bool:
    """True for a row of even ticks at even distances: a ruler or a scale."""
    lying = [(mark.x, mark.y, mark.height) for mark in marks if mark.height > 2.5 * mark.width]
    standing = [(mark.y, mark.x, mark.width) for mark in marks if mark.width > 2.5 * mark.height]
    return any(_are_ticks(ticks) for ticks in (lying, standing))


def _are_ticks(ticks: list[tuple[int, int, int]]) -> bool:
    for _, across, length in ticks:
        row = sorted(
            place for place, other, size in ticks if abs(other - across) < 0.8 * length and size < 3 * length
        )
        if len(row) >= TICKS:
            steps = np.diff(row)
            even = np.abs(steps - np.median(steps)) <= 0.2 * np.median(steps) + 1
            if np.median(steps) >= 3 and even.mean() > 0.8:
                return True
    return False


def _has_bar(rgb: NDArray[np.int16]) -> bool:
    """A filled black or white oblong, wider than high, in the upper part: the eyes were made unknown."""
    import cv2

    height, width = rgb.shape[:2]
    for mask in (rgb.max(axis=2) < 16, rgb.min(axis=2) > 250):
        boxes: Any = cv2.connectedComponentsWithStats(mask.astype(np.uint8))[2]
        for _, y, wide, high, area in boxes[1:].tolist():
            oblong = 2.0 < wide / high < 9 and area > 0.93 * wide * high
            if (
                oblong
                and 0.15 * width < wide < 0.9 * width
                and high > 0.03 * height
                and y < 0.7 * height
                and y > 0
            ):
                return True
    return False
