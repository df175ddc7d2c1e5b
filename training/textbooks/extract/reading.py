"""A page as it is read: which way up, and where its points lie then."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_ENOUGH = 40  # characters that run one way before they outweigh the page's own rotation


@dataclass(frozen=True)
class Reading:
    """From PDF user space (y up) to the page as read (y down). `turns` counts clockwise quarters."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points, as read."""
        wide, high = self.right - self.left, self.top - self.bottom
        return (high, wide) if self.turns % 2 else (wide, high)

    def edges(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of a rectangle given by any two opposite corners."""
        (ax, ay), (bx, by) = self.point(x0, y0), self.point(x1, y1)
        return (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of user space lies."""
        if self.turns == 0:
            return x - self.left, self.top - y
        if self.turns == 1:
            return y - self.bottom, x - self.left
        if self.turns == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x


def turns_of(angles: Sequence[float], rotation: int) -> int:
    """Quarters by which the page is turned to be read: the text's direction, else the page's `/Rotate`.

    A table printed sideways has no `/Rotate`; its text says how it is held.
    """
    quarters = Counter(-round(angle / (math.pi / 2)) % 4 for angle in angles)
    if quarters:
        turn, count = quarters.most_common(1)[0]
        if count >= _ENOUGH and count >= 0.8 * len(angles):
            return turn
    return rotation // 90 % 4
