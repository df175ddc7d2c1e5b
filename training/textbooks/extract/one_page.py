"""Reads one page: text, embedded pictures, drawings; of a scanned page text by OCR and pictures cut out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

from training.textbooks.extract import dropping, scans
from training.textbooks.extract.limits import Limits, PageFault
from training.textbooks.extract.objects import Picture, drawn_on
from training.textbooks.extract.ocr import DPI, engine_here, read_text
from training.textbooks.extract.pictures import kept_picture, rendered
from training.textbooks.extract.reading import Reading, turns_of
from training.textbooks.extract.store import Stored, stored_image
from training.textbooks.extract.strips import pieces_of_one
from training.textbooks.extract.text import characters, lines_of, one_size, rejoined
from training.textbooks.extract.vectors import drawings
from training.textbooks.geometry import area, union
from training.textbooks.records import Box, Figure, Line, Page

_VECTOR_DPI = 200.0
_SCAN_DPI = 300.0  # enough for OCR; figures are cut in the scan's own resolution below this
_SCANNED = 0.8  # part of the page that one picture covers
_FEW = 60  # characters: fewer on a covered page is a stamp or page number, not its text


@dataclass(frozen=True)
class _Found:
    """A picture before it has its place in the page's order."""

    box: Box
    kind: str
    kept: Stored
    image: Image.Image


def read_page(document: pdfium.PdfDocument, number: int, folder: Path, limits: Limits) -> Page:
    """The page with its pictures kept in `folder`. What is wrong with it stands in `fault`."""
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        return Page(number=number, width=0, height=0, lines=(), figures=(), fault="the page cannot be opened")
    try:
        return _read(page, number, folder, limits)
    except PageFault as fault:
        wide, high = page.get_size()
        return Page(number=number, width=wide, height=high, lines=(), figures=(), fault=str(fault))
    except pdfium.PdfiumError:
        return Page(number=number, width=0, height=0, lines=(), figures=(), fault="the page cannot be read")
    finally:
        page.close()


def _read(page: pdfium.PdfPage, number: int, folder: Path, limits: Limits) -> Page:
    chars = characters(page)
    left, bottom, right, top = page.get_bbox()
    turns = turns_of([char.angle for char in chars], page.get_rotation())
    reading = Reading(left, bottom, right, top, turns)
    if max(reading.size) > limits.side_points or min(reading.size) <= 0:
        raise PageFault(f"a page of {reading.size[0]:.0f} x {reading.size[1]:.0f} points")
    pictures, strokes = drawn_on(page, reading, limits)
    lines = lines_of(chars, reading)
    written = sum(len(line.text) for line in lines)
    ocr, undecoded = "", 0
    if _is_scan([picture.box for picture in pictures], reading, written):
        found, lines, ocr = _scanned(page, pictures, reading, limits, folder)
    else:
        found, undecoded = _pictures(page, pictures, reading, limits, folder)
        for box in drawings(strokes, [one.box for one in found], lines, reading.size):
            image = rendered(page, box, reading, _VECTOR_DPI, limits)
            found.append(_Found(box, "vector", stored_image(folder, image), image))
    wide, high = reading.size
    return Page(
        number=number,
        width=round(wide, 2),
        height=round(high, 2),
        lines=tuple(lines),
        figures=tuple(_figures(found, number, reading.size, 0 if ocr else written)),
        ocr=ocr,
        fault=f"{undecoded} of its pictures cannot be decoded in the memory allowed" if undecoded else "",
    )


def _is_scan(boxes: list[Box], reading: Reading, written: int) -> bool:
    whole = reading.size[0] * reading.size[1]
    covered = max((area(_union(boxes, group)) for group in pieces_of_one(boxes)), default=0.0)
    return covered > _SCANNED * whole and written < _FEW


def _scanned(
    page: pdfium.PdfPage, pictures: list[Picture], reading: Reading, limits: Limits, folder: Path
) -> tuple[list[_Found], list[Line], str]:
    engine = engine_here()
    dense = max(72 * one.pixels[0] / max(1.0, max(one.box.width, one.box.height)) for one in pictures)
    whole = Box(x0=0, y0=0, x1=reading.size[0], y1=reading.size[1])
    image = rendered(page, whole, reading, max(100.0, min(dense, _SCAN_DPI)), limits)
    scan = scans.Scan(image, reading.size[0] / image.width)
    grow = DPI * scan.points / 72
    grey = image.convert("L").resize((round(image.width * grow), round(image.height * grow)))
    lines = one_size(rejoined(read_text(grey, reading.size[0] / grey.width, engine)))
    boxes = scans.regions(scan, lines)
    cuts = [(box, scans.cut(scan, box)) for box in boxes]
    found = [_Found(box, "scan", stored_image(folder, part), part) for box, part in cuts]
    ordered = sorted(scans.lines_outside(lines, boxes), key=lambda line: (line.box.y0, line.box.x0))
    return found, ordered, engine


def _pictures(
    page: pdfium.PdfPage, pictures: list[Picture], reading: Reading, limits: Limits, folder: Path
) -> tuple[list[_Found], int]:
    """The page's pictures, and how many of them could not be decoded: the rest of the page counts still."""
    boxes = [picture.box for picture in pictures]
    found, undecoded = [], 0
    for group in pieces_of_one(boxes):
        try:
            found.append(_whole(page, [pictures[index] for index in group], reading, limits, folder))
        except pdfium.PdfiumError:
            undecoded += 1
    return found, undecoded


def _whole(
    page: pdfium.PdfPage, pieces: list[Picture], reading: Reading, limits: Limits, folder: Path
) -> _Found:
    box = union(piece.box for piece in pieces)
    if len(pieces) == 1:
        kept, image = kept_picture(folder, page, pieces[0], reading)
    else:
        dense = max(72 * piece.pixels[0] / max(1.0, piece.box.width) for piece in pieces)
        image = rendered(page, box, reading, min(600.0, max(72.0, dense)), limits)
        kept = stored_image(folder, image)
    return _Found(box, "embedded", kept, image)


def _union(boxes: list[Box], group: list[int]) -> Box:
    return union(boxes[index] for index in group)


def _figures(found: list[_Found], number: int, size: tuple[float, float], written: int) -> Iterator[Figure]:
    for index, one in enumerate(sorted(found, key=lambda one: (one.box.y0, one.box.x0)), start=1):
        yield Figure.model_validate(
            {
                "id": f"p{number:04d}-f{index:02d}",
                "page": number,
                "box": one.box,
                "file": one.kept.file,
                "kind": one.kind,
                "width": one.image.width,
                "height": one.image.height,
                "sha256": one.kept.sha256,
                "dropped": dropping.why_no_figure(one.box, one.image, size, written),
            }
        )
