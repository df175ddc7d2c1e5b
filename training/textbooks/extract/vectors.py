"""Strokes that lie together make a vector-drawn figure; single rules, frames and tints make none."""

import numpy as np
from scipy import ndimage

from training.textbooks.extract.objects import Stroke
from training.textbooks.geometry import area, inside, shared, union
from training.textbooks.records import Box, Line

_CELL = 2.0  # points: grid on which strokes are joined
_REACH = 5  # cells: strokes up to twice this far apart belong together
_THIN = 1.5  # points: a stroke thinner than this is a rule
_LEAST = 40.0  # points: no figure is smaller
_FRAME_LINES = 6  # a rectangle around that many lines is a tinted box, not a drawing


def drawings(
    strokes: list[Stroke], pictures: list[Box], lines: list[Line], size: tuple[float, float]
) -> list[Box]:
    """The boxes of the page's vector-drawn figures."""
    kept = [one for one in strokes if not _is_ground(one, pictures, lines, size)]
    if not kept:
        return []
    groups = _together([one.box for one in kept], size)
    found = []
    for members in groups:
        box = union(kept[index].box for index in members)
        if box.width < _LEAST or box.height < _LEAST or _only_rules([kept[index] for index in members]):
            continue
        if sum(shared(box, picture) for picture in pictures) > 0.5 * area(box):
            continue  # a frame or arrows on a photograph: the photograph stands for itself
        found.append(_with_labels(box, lines))
    return _merged(found)


def _is_ground(stroke: Stroke, pictures: list[Box], lines: list[Line], size: tuple[float, float]) -> bool:
    """A page's tint, a frame around a picture, a box behind paragraphs, a rule from margin to margin."""
    box, page = stroke.box, size[0] * size[1]
    if area(box) > 0.7 * page or (min(box.width, box.height) < _THIN and box.width > 0.6 * size[0]):
        return True
    if stroke.segments > 5 or min(box.width, box.height) < _THIN:
        return False
    if any(inside(picture, box) > 0.9 for picture in pictures):
        return True
    within = [line for line in lines if inside(line.box, box) > 0.9 and line.box.width > 0.5 * box.width]
    return len(within) >= _FRAME_LINES


def _together(boxes: list[Box], size: tuple[float, float]) -> list[list[int]]:
    grid = np.zeros((int(size[1] / _CELL) + 2, int(size[0] / _CELL) + 2), dtype=bool)
    cells = [_cells(box, grid.shape) for box in boxes]
    for rows, columns in cells:
        grid[rows, columns] = True
    wide = ndimage.maximum_filter1d(grid.astype(np.uint8), 2 * _REACH + 1, axis=1)
    grown = ndimage.maximum_filter1d(wide, 2 * _REACH + 1, axis=0)
    labels, count = ndimage.label(grown, np.ones((3, 3), dtype=int))
    groups: list[list[int]] = [[] for _ in range(count + 1)]
    for index, (rows, columns) in enumerate(cells):
        groups[labels[rows.start, columns.start]].append(index)
    return [group for group in groups if group]


def _cells(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    def between(low: float, high: float, count: int) -> slice:
        start = min(max(0, int(low / _CELL)), count - 1)
        return slice(start, max(start + 1, min(count, int(high / _CELL) + 1)))

    return between(box.y0, box.y1, shape[0]), between(box.x0, box.x1, shape[1])


def _only_rules(strokes: list[Stroke]) -> bool:
    """Rules alone are a table's or a heading's, not a drawing's."""
    return len(strokes) < 3 and all(min(one.box.width, one.box.height) < _THIN for one in strokes)


def _with_labels(box: Box, lines: list[Line]) -> Box:
    """With the short texts that belong to it: axis numbers, labels at its edge."""
    for _ in range(2):
        near = Box(x0=box.x0 - 6, y0=box.y0 - 6, x1=box.x1 + 6, y1=box.y1 + 6)
        labels = [line.box for line in lines if len(line.text) <= 12 and inside(line.box, near) > 0.5]
        crossing = [line.box for line in lines if inside(line.box, box) > 0.6]
        box = union([box, *labels, *crossing])
    return box


def _merged(boxes: list[Box]) -> list[Box]:
    boxes = list(boxes)
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            if shared(one, other) > 0.2 * min(area(one), area(other)):
                rest = [box for box in boxes if box not in (one, other)]
                return _merged([*rest, union((one, other))])
    return boxes
