"""A scanned page: its text by OCR, its figures cut out of the scan."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

from training.textbooks.geometry import area, inside, shared, union
from training.textbooks.records import Box, Line

_DPI = 72.0  # of the map on which pictures are looked for: one cell a point
_INK = 38  # grey levels darker than the paper
_LEAST = 40.0  # points
_APART = 10.0  # points between two strokes of one drawing
_FULL = 0.35  # part of its box that a picture fills
_BRIDGE = 2  # cells: bright spots in a picture up to twice this wide are bridged; gutters are wider


@dataclass(frozen=True)
class Scan:
    """A page as one picture. `points` is the size of one pixel."""

    image: Image.Image
    points: float


def regions(scan: Scan, lines: list[Line]) -> list[Box]:
    """Where the scan shows pictures and not text; in points, in reading order."""
    grey = _map(scan)
    paper = float(np.percentile(grey, 90)) if np.median(grey) > 128 else 255.0
    ink = grey < paper - _INK
    filled = ndimage.binary_closing(ndimage.binary_opening(ink, np.ones((2, 2))), np.ones((3, 3)))
    text = _text_only(lines, filled)
    for line in text:
        filled[_rows(line.box)] = False
    grown = ndimage.binary_closing(np.pad(filled, _BRIDGE), np.ones((2 * _BRIDGE + 1,) * 2))
    labels, _ = ndimage.label(grown[_BRIDGE:-_BRIDGE, _BRIDGE:-_BRIDGE])
    found = []
    for index, place in enumerate(ndimage.find_objects(labels), start=1):
        box = Box(x0=place[1].start, y0=place[0].start, x1=place[1].stop, y1=place[0].stop)
        full = float((labels[place] == index).mean())
        if min(box.width, box.height) >= _LEAST and full >= _FULL:
            found.append(box)
    found += _line_art(scan, lines, found)
    return sorted(_whole(found), key=lambda box: (box.y0, box.x0))


def _line_art(scan: Scan, lines: list[Line], pictures: list[Box]) -> list[Box]:
    """Drawings: thin lines, of which one piece spans much of the whole. Letters that OCR missed do not."""
    size = (max(1, round(scan.image.width * scan.points)), max(1, round(scan.image.height * scan.points)))
    grey = np.asarray(scan.image.convert("L").resize(size, Image.Resampling.BOX))
    ink = grey < float(np.percentile(grey, 90)) - _INK
    for box in [*pictures, *(line.box for line in lines)]:
        ink[_rows(_wider(box, 1))] = False
    labels, _ = ndimage.label(ink, np.ones((3, 3), dtype=int))
    found = []
    for place in ndimage.find_objects(labels):
        box = Box(x0=place[1].start, y0=place[0].start, x1=place[1].stop, y1=place[0].stop)
        if max(box.width, box.height) >= _LEAST:
            found.append(box)
    whole = _whole([_wider(box, _APART / 2) for box in found])
    boxes = [_wider(box, -_APART / 2) for box in whole]
    return [box for box in boxes if min(box.width, box.height) >= _LEAST]


def cut(scan: Scan, box: Box) -> Image.Image:
    """The part of the scan, in its own resolution."""
    left, top, right, bottom = (round(edge / scan.points) for edge in (box.x0, box.y0, box.x1, box.y1))
    return scan.image.crop((left, top, right, bottom))


def lines_outside(lines: list[Line], pictures: list[Box]) -> list[Line]:
    """OCR reads letters into pictures; what lies inside one is no text of the page, but for panel letters."""
    return [
        line
        for line in lines
        if len(line.text.strip("().:")) <= 1 or not any(inside(line.box, box) > 0.6 for box in pictures)
    ]


def _map(scan: Scan) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    size = (max(1, round(scan.image.width * scan.points)), max(1, round(scan.image.height * scan.points)))
    small = scan.image.convert("L").resize(size, Image.Resampling.BOX)
    return np.asarray(small.filter(ImageFilter.MedianFilter(3)))


def _text_only(lines: list[Line], ink: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]") -> list[Line]:
    """Lines that stand on paper: around letters in a picture there is picture."""
    return [line for line in lines if ink[_rows(_wider(line.box, 4))].mean() < 0.75]


def _wider(box: Box, by: float) -> Box:
    return Box(x0=box.x0 - by, y0=box.y0 - by, x1=box.x1 + by, y1=box.y1 + by)


def _rows(box: Box) -> tuple[slice, slice]:
    return (
        slice(max(0, int(box.y0) - 1), max(0, int(box.y1) + 2)),
        slice(max(0, int(box.x0) - 1), max(0, int(box.x1) + 2)),
    )


def _whole(boxes: list[Box]) -> list[Box]:
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            if shared(one, other) > 0.3 * min(area(one), area(other)):
                return _whole([*(box for box in boxes if box not in (one, other)), union((one, other))])
    return boxes
