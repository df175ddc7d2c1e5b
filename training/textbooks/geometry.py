"""What two boxes have to do with each other. Points, y downwards."""

from collections.abc import Iterable

from training.textbooks.records import Box


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them; there must be one."""
    all_boxes = list(boxes)
    return Box(
        x0=min(box.x0 for box in all_boxes),
        y0=min(box.y0 for box in all_boxes),
        x1=max(box.x1 for box in all_boxes),
        y1=max(box.y1 for box in all_boxes),
    )


def area(box: Box) -> float:
    """In square points; never negative."""
    return max(0.0, box.width) * max(0.0, box.height)


def across(one: Box, other: Box) -> float:
    """How far they overlap from left to right; negative: how far they are apart."""
    return min(one.x1, other.x1) - max(one.x0, other.x0)


def along(one: Box, other: Box) -> float:
    """How far they overlap from top to bottom; negative: how far they are apart."""
    return min(one.y1, other.y1) - max(one.y0, other.y0)


def shared(one: Box, other: Box) -> float:
    """The area they have in common."""
    return max(0.0, across(one, other)) * max(0.0, along(one, other))


def inside(one: Box, other: Box) -> float:
    """The part of `one` that lies in `other`, 0 to 1."""
    return shared(one, other) / area(one) if area(one) else 0.0


def likeness(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1."""
    both = shared(one, other)
    whole = area(one) + area(other) - both
    return both / whole if whole else 0.0


def distance(one: Box, other: Box) -> float:
    """The larger of the two gaps; 0 where they touch or overlap."""
    return max(0.0, -across(one, other), -along(one, other))
