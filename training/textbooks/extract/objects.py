"""What is drawn on a page, forms within forms unpacked: pictures and strokes with their places."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from training.textbooks.extract.limits import Limits, PageFault
from training.textbooks.extract.reading import Reading
from training.textbooks.records import Box

_DEPTH = 8  # forms within forms; deeper is a loop or a joke


@dataclass(frozen=True)
class Picture:
    """An embedded picture: the handle and where its unit square lands, in user space."""

    handle: Any
    matrix: pdfium.PdfMatrix
    box: Box
    pixels: tuple[int, int]


@dataclass(frozen=True)
class Stroke:
    """One path: its box, how many segments it has, and whether anything of it can be seen."""

    box: Box
    segments: int


def drawn_on(page: pdfium.PdfPage, reading: Reading, limits: Limits) -> tuple[list[Picture], list[Stroke]]:
    """Pictures and paths in the order of drawing. Raises `PageFault` for a picture beyond the bounds."""
    pictures: list[Picture] = []
    strokes: list[Stroke] = []
    for count, (handle, matrix) in enumerate(_handles(page)):
        if count >= limits.objects:
            break
        kind = pdfium_c.FPDFPageObj_GetType(handle)
        if kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            pictures.append(_picture(handle, matrix, reading, limits))
        elif kind in (pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING):
            box = _box(handle, matrix, reading)
            if box:
                strokes.append(Stroke(box, pdfium_c.FPDFPath_CountSegments(handle)))
    return [one for one in pictures if _on(one.box, reading)], [
        one for one in strokes if _on(one.box, reading)
    ]


def _handles(page: pdfium.PdfPage) -> Iterator[tuple[Any, pdfium.PdfMatrix]]:
    for index in range(pdfium_c.FPDFPage_CountObjects(page)):
        yield from _unpacked(pdfium_c.FPDFPage_GetObject(page, index), pdfium.PdfMatrix(), 0)


def _unpacked(handle: Any, outer: pdfium.PdfMatrix, depth: int) -> Iterator[tuple[Any, pdfium.PdfMatrix]]:
    if pdfium_c.FPDFPageObj_GetType(handle) != pdfium_c.FPDF_PAGEOBJ_FORM:
        yield handle, outer
        return
    if depth < _DEPTH:
        matrix = _matrix(handle).multiply(outer)
        for index in range(pdfium_c.FPDFFormObj_CountObjects(handle)):
            yield from _unpacked(pdfium_c.FPDFFormObj_GetObject(handle, index), matrix, depth + 1)


def _matrix(handle: Any) -> pdfium.PdfMatrix:
    raw = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(handle, raw)
    return pdfium.PdfMatrix.from_raw(raw)


def _picture(handle: Any, outer: pdfium.PdfMatrix, reading: Reading, limits: Limits) -> Picture:
    wide, high = ctypes.c_uint(), ctypes.c_uint()
    pdfium_c.FPDFImageObj_GetImagePixelSize(handle, wide, high)
    if wide.value * high.value > limits.image_pixels:
        size = f"{wide.value} x {high.value} pixels"
        raise PageFault(f"a picture of {size}, at most {limits.image_pixels} are decoded")
    matrix = _matrix(handle).multiply(outer)
    corners = [reading.point(*matrix.on_point(x, y)) for x in (0, 1) for y in (0, 1)]
    return Picture(handle, matrix, _around(corners), (wide.value, high.value))


def hidden_texts(page: pdfium.PdfPage) -> set[int]:
    """Addresses of text objects of which nothing is seen: cropped figures carry their old captions along."""
    texts = (handle for handle, _ in _handles(page))
    return {
        ctypes.addressof(handle.contents)
        for handle in texts
        if pdfium_c.FPDFPageObj_GetType(handle) == pdfium_c.FPDF_PAGEOBJ_TEXT and _seen(handle) is None
    }


def _seen(handle: Any) -> tuple[float, float, float, float] | None:
    """The object's bounds within its clip, in its own space; nothing where it is cut off wholly."""
    edges = [ctypes.c_float() for _ in range(4)]
    pdfium_c.FPDFPageObj_GetBounds(handle, *edges)
    left, bottom, right, top = (edge.value for edge in edges)
    clip = pdfium_c.FPDFPageObj_GetClipPath(handle)
    for path in range(max(0, pdfium_c.FPDFClipPath_CountPaths(clip)) if clip else 0):
        xs, ys = zip(*_points(clip, path), strict=True)
        left, right = max(left, min(xs)), min(right, max(xs))
        bottom, top = max(bottom, min(ys)), min(top, max(ys))
    return (left, bottom, right, top) if left <= right and bottom <= top else None


def _points(clip: Any, path: int) -> Iterator[tuple[float, float]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(pdfium_c.FPDFClipPath_CountPathSegments(clip, path)):
        segment = pdfium_c.FPDFClipPath_GetPathSegment(clip, path, index)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        yield x.value, y.value


def _box(handle: Any, outer: pdfium.PdfMatrix, reading: Reading) -> Box | None:
    seen = _seen(handle)
    if seen is None:
        return None
    left, bottom, right, top = seen
    corners = [(x, y) for x in (left, right) for y in (bottom, top)]
    return _around([reading.point(*outer.on_point(*corner)) for corner in corners])


def _around(points: list[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(x0=round(min(xs), 2), y0=round(min(ys), 2), x1=round(max(xs), 2), y1=round(max(ys), 2))


def _on(box: Box, reading: Reading) -> bool:
    """Whether any of it lies on the page: printers' marks and leftovers do not."""
    wide, high = reading.size
    return box.x1 > 0 and box.y1 > 0 and box.x0 < wide and box.y0 < high
