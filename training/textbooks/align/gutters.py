"""Splits one picture that holds several panels along the plain bands between them."""

import numpy as np
import numpy.typing as npt
from PIL import Image

_Region = tuple[int, int, int, int]
_Grey = npt.NDArray[np.int16]
_SIDE = 500  # pixels: at that size the grain of a scan is averaged out
_BAND = 0.008  # of the side: a thinner plain band parts nothing
_PLAIN = 26  # grey levels that nearly all of a band keeps within
_PAPER = 20  # grey levels from the lightest or darkest of the picture: skin may be as plain, but is neither
_PANEL = 0.12  # of the side: no panel is smaller


def panels_in(image: Image.Image, count: int) -> list[_Region] | None:
    """`count` regions (left, top, right, bottom in pixels) in reading order, if the bands give just these."""
    shrink = max(1, round(max(image.size) / _SIDE))
    grey = np.asarray(image.convert("L").reduce(shrink), dtype=np.int16)
    whole = (0, 0, grey.shape[1], grey.shape[0])
    regions = _split(grey, whole, count)
    return [_scaled(region, shrink, image.size) for region in regions] if regions else None


def _scaled(region: _Region, by: int, size: tuple[int, int]) -> _Region:
    left, top, right, bottom = region
    return (left * by, top * by, min(size[0], right * by), min(size[1], bottom * by))


def _split(grey: _Grey, whole: _Region, count: int) -> list[_Region] | None:
    for rows_first in (True, False):
        rows = [
            part
            for outer in _parts(grey, whole, rows=rows_first)
            for part in _parts(grey, outer, rows=not rows_first)
        ]
        if len(rows) == count:
            return _in_reading_order(rows)
    for only_rows in (True, False):
        parts = _parts(grey, whole, rows=only_rows)
        if len(parts) == count:
            return parts
    return None


def _parts(grey: _Grey, region: _Region, *, rows: bool) -> list[_Region]:
    left, top, right, bottom = region
    part = grey[top:bottom, left:right]
    axis, side = (1, bottom - top) if rows else (0, right - left)
    low, middle, high = np.percentile(part, (2, 50, 98), axis=axis)
    dark, light = np.percentile(grey, (0.5, 99.5))
    plain = ((high - low) <= _PLAIN) & ((middle >= light - _PAPER) | (middle <= dark + _PAPER))
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
