"""Splits one picture that holds several panels along the plain bands between them."""

import numpy as np
from PIL import Image

_Region = tuple[int, int, int, int]
_BAND = 0.008  # of the side: a thinner plain band parts nothing
_PLAIN = 10  # grey levels that a band may vary
_PANEL = 0.12  # of the side: no panel is smaller


def panels_in(image: Image.Image, count: int) -> list[_Region] | None:
    """`count` regions (left, top, right, bottom in pixels) in reading order, where the bands give just these."""
    grey = np.asarray(image.convert("L"), dtype=np.int16)
    whole = (0, 0, image.width, image.height)
    for rows_first in (True, False):
        rows = [
            part for outer in _parts(grey, whole, rows=rows_first) for part in _parts(grey, outer, rows=not rows_first)
        ]
        if len(rows) == count:
            return _in_reading_order(rows)
    for rows in (True, False):
        parts = _parts(grey, whole, rows=rows)
        if len(parts) == count:
            return parts
    return None


def _parts(grey: "np.ndarray[tuple[int, int], np.dtype[np.int16]]", region: _Region, *, rows: bool) -> list[_Region]:
    left, top, right, bottom = region
    part = grey[top:bottom, left:right]
    axis, side = (1, bottom - top) if rows else (0, right - left)
    plain = (part.max(axis=axis) - part.min(axis=axis)) <= _PLAIN
    inked = _stretches(~plain, max(2, round(_BAND * side)))
    inked = [(start, end) for start, end in inked if end - start >= _PANEL * side]
    if len(inked) < 2:
        return [region]
    if rows:
        return [(left, top + start, right, top + end) for start, end in inked]
    return [(left + start, top, left + end, bottom) for start, end in inked]


def _stretches(inked: "np.ndarray[tuple[int], np.dtype[np.bool_]]", band: int) -> list[tuple[int, int]]:
    """Runs of True; gaps thinner than a band are closed."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inked.astype(np.int8), [0]))))
    runs: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] < band:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _in_reading_order(regions: list[_Region]) -> list[_Region]:
    rows: list[list[_Region]] = []
    for region in sorted(regions, key=lambda one: one[1]):
        if rows and region[1] < (rows[-1][0][1] + rows[-1][0][3]) / 2:
            rows[-1].append(region)
        else:
            rows.append([region])
    return [region for row in rows for region in sorted(row)]
