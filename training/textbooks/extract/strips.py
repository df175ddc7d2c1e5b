"""Pictures that a writer cut into strips or tiles are one picture again."""

from training.textbooks.geometry import across, along, area, union
from training.textbooks.records import Box

_TOUCH = 0.75  # points
_STRIP = 50.0  # points: panels are larger than a strip or tile
_MANY = 6  # pieces: no author sets that many panels edge to edge


def pieces_of_one(boxes: list[Box]) -> list[list[int]]:
    """Groups of indexes, each the pieces of one picture; a whole picture is a group of its own."""
    groups = [[index] for index in range(len(boxes))]
    for index, one in enumerate(boxes):
        for other in range(index + 1, len(boxes)):
            if _abut(one, boxes[other]):
                groups = _joined(groups, index, other)
    return [part for group in groups for part in _judged(group, boxes)]


def _abut(one: Box, other: Box) -> bool:
    """Edge to edge, with the edge in common."""
    beside = (
        abs(across(one, other)) <= _TOUCH and abs(one.y0 - other.y0) + abs(one.y1 - other.y1) <= 2 * _TOUCH
    )
    below = abs(along(one, other)) <= _TOUCH and abs(one.x0 - other.x0) + abs(one.x1 - other.x1) <= 2 * _TOUCH
    return beside or below


def _joined(groups: list[list[int]], one: int, other: int) -> list[list[int]]:
    touched = [group for group in groups if one in group or other in group]
    rest = [group for group in groups if group not in touched]
    return [*rest, sorted(index for group in touched for index in group)]


def _judged(group: list[int], boxes: list[Box]) -> list[list[int]]:
    whole = union(boxes[index] for index in group)
    filled = sum(area(boxes[index]) for index in group) > 0.9 * area(whole)
    small = any(min(boxes[index].width, boxes[index].height) < _STRIP for index in group)
    return [group] if filled and (small or len(group) >= _MANY) else [[index] for index in group]
