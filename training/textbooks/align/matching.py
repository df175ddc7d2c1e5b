"""Which caption belongs to which figure of a page: place, distance, what lies between, the book's habit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from training.textbooks.align.captions import Caption
from training.textbooks.geometry import across, along, distance, inside, union
from training.textbooks.records import Box, Figure, Line

_LEAST = 0.35  # below, a caption and a figure only happen to be on one page
_REACH = 200.0  # points from figure to caption at which the place alone says nothing more
_LABEL = 14  # characters: a shorter line between is a label of the figure
_PANEL_GAP = 45.0  # points between two panels of one figure


@dataclass(frozen=True)
class Bond:
    """A caption with the figures it was found to belong to, in reading order."""

    caption: Caption
    figures: tuple[Figure, ...]
    score: float
    place: str
    reasons: tuple[str, ...]


def place_of(figure: Box, caption: Box) -> tuple[str, float] | None:
    """Where the caption stands, seen from the figure, and the gap between them in points."""
    if inside(caption, figure) > 0.7:
        return "inside", 0.0
    narrow = 0.3 * min(figure.width, caption.width)
    if across(figure, caption) >= narrow:
        if caption.y0 >= figure.y1 - 0.15 * figure.height - 4 and caption.y1 > figure.y1:
            return "below", max(0.0, caption.y0 - figure.y1)
        if caption.y1 <= figure.y0 + 0.15 * figure.height + 4 and caption.y0 < figure.y0:
            return "above", max(0.0, figure.y0 - caption.y1)
    if along(figure, caption) >= 0.3 * min(figure.height, caption.height):
        gap = -across(figure, caption)
        if gap > -6:
            return ("right" if caption.x0 > figure.x0 else "left"), max(0.0, gap)
    return None


def bonds_of(
    captions: Sequence[Caption], figures: Sequence[Figure], lines: Sequence[Line], habit: Mapping[str, float]
) -> list[Bond]:
    """One caption to one figure at the least total cost; what is left joins its neighbour as a panel."""
    if not captions or not figures:
        return []
    judged = [[_judged(caption, figure, lines, habit) for figure in figures] for caption in captions]
    cost = np.array([[1.0 - score for score, _ in row] for row in judged])
    cost = np.where(cost > 1.0 - _LEAST, 10.0, cost)
    rows, columns = linear_sum_assignment(cost)
    taken = {
        row: [column]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if cost[row, column] < 10
    }
    _join_panels(taken, captions, figures, lines)
    return [_bond(captions[row], figures, members, judged[row]) for row, members in sorted(taken.items())]


def _judged(
    caption: Caption, figure: Figure, lines: Sequence[Line], habit: Mapping[str, float]
) -> tuple[float, str]:
    found = place_of(figure.box, caption.box)
    if not found:
        return 0.0, ""
    place, gap = found
    score = 0.95 - 0.5 * min(1.0, gap / _REACH) - 0.3 * len(_between(figure.box, caption, lines))
    score -= 0.25 * (1.0 - habit.get(place, 0.0))
    score += 0.1 * (caption.apart + caption.label.stop) - 0.1
    return score, place


def _between(figure: Box, caption: Caption, lines: Sequence[Line]) -> list[Line]:
    """Lines of text in the way: a caption is next to its figure."""
    middle = _corridor(figure, caption.box)
    return [
        line
        for line in lines
        if line not in caption.lines
        and len(line.text) > _LABEL
        and inside(line.box, middle) > 0.4
        and inside(line.box, figure) < 0.5
        and not line.text.lstrip("(").lower().startswith(tuple(f"{letter})" for letter in "abcdefgh"))
    ]


def _corridor(one: Box, other: Box) -> Box:
    if across(one, other) > 0:
        y0, y1 = sorted((min(one.y1, other.y1), max(one.y0, other.y0)))
        return Box(x0=min(one.x0, other.x0), x1=max(one.x1, other.x1), y0=y0, y1=y1)
    x0, x1 = sorted((min(one.x1, other.x1), max(one.x0, other.x0)))
    return Box(x0=x0, x1=x1, y0=min(one.y0, other.y0), y1=max(one.y1, other.y1))


def _join_panels(
    taken: dict[int, list[int]], captions: Sequence[Caption], figures: Sequence[Figure], lines: Sequence[Line]
) -> None:
    """Figures without a caption of their own go to the figure they stand in a row or column with."""
    free = set(range(len(figures))) - {column for members in taken.values() for column in members}
    joined = True
    while joined:
        joined = False
        for column in sorted(free):
            box = figures[column].box
            near = [
                (min(distance(box, figures[other].box) for other in members), row)
                for row, members in taken.items()
                if any(_beside(box, figures[other].box, captions, lines) for other in members)
            ]
            if near:
                taken[min(near)[1]].append(column)
                free.discard(column)
                joined = True


def _beside(one: Box, other: Box, captions: Sequence[Caption], lines: Sequence[Line]) -> bool:
    if distance(one, other) > _PANEL_GAP:
        return False
    in_row = along(one, other) > 0.6 * min(one.height, other.height)
    in_column = across(one, other) > 0.6 * min(one.width, other.width)
    middle = _corridor(one, other)
    parted = any(inside(caption.box, middle) > 0.3 for caption in captions) or any(
        len(line.text) > 60 and inside(line.box, middle) > 0.6 for line in lines
    )
    return (in_row or in_column) and not parted


def _bond(
    caption: Caption, figures: Sequence[Figure], members: list[int], judged: Sequence[tuple[float, str]]
) -> Bond:
    group = sorted((figures[index] for index in members), key=lambda one: one.id)
    score, place = max(judged[index] for index in members)
    whole = place_of(union(one.box for one in group), caption.box)
    reasons = ["numbering", whole[0] if whole else place]
    if min(distance(one.box, caption.box) for one in group) < 20:
        reasons.append("close")
    if any(across(one.box, caption.box) > 0.8 * min(one.box.width, caption.box.width) for one in group):
        reasons.append("same_column")
    if caption.apart:
        reasons.append("caption_type")
    if len(group) > 1:
        reasons.append("panels_together")
    return Bond(caption, tuple(group), min(1.0, max(0.05, score)), place, tuple(reasons))
