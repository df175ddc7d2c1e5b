"""Makes whole books with their truth: text and figures, an index, a rotated page, a scanned chapter."""

import io
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.training.textbooks.books import figures, words
from tests.training.textbooks.books.drawn import picture
from tests.training.textbooks.books.layout import Sheet, Style

STYLES = (
    Style(),
    Style(columns=2, label="Figure {n}", stop=". ", body=9.5, small=8, letters="({})"),
    Style(font="Helvetica", bold="Helvetica-Bold", label="FIGURE {n}", stop=" ", dash="-", captions="above"),
    Style(
        columns=2,
        font="Helvetica",
        bold="Helvetica-Bold",
        body=9,
        small=7.5,
        label="Fig. {n}",
        stop=": ",
        dash="-",
    ),
    Style(size=(504.0, 720.0), margin=48, captions="beside", label="Figure {n}", bold_label=False, stop=". "),
    Style(body=11, small=11, label="Fig. {n}.", stop=" ", bold_label=False),
)


def book(
    file: Path, seed: int, style: Style, count: int = 10, *, extras: bool = True
) -> list[dict[str, Any]]:
    """Write a digital book of about `count` figures; its truth."""
    sheet = Sheet(Canvas(str(file), pagesize=style.size, invariant=1), style, random.Random(seed))
    sheet.begin()
    numbers: list[str] = []
    for index in range(count):
        if index and index % 6 == 0:
            sheet.chapter += 1
            numbers.append("")
        number = f"{sheet.chapter}{style.dash}{index % 6 + 1}"
        _paragraphs(sheet, [style.label.format(n=number).strip(".")])
        _figure(sheet, number, seed * 1000 + index, index)
        _logo(sheet)
        numbers.append(number)
    if extras:
        figures.plate(sheet, ("I", "II", "IV")[seed % 3], seed)
        _rotated(sheet, f"{sheet.chapter}{style.dash}8", seed)
        _index(sheet, [number for number in numbers if number])
    sheet.end()
    sheet.canvas.save()
    return sheet.truth


def _figure(sheet: Sheet, number: str, seed: int, index: int) -> None:
    kind = index % 5
    if kind == 1:
        figures.panels(sheet, number, seed, sheet.chance.choice([2, 3, 4]))
    elif kind == 3:
        figures.drawing(sheet, number, seed)
    elif kind == 4:
        figures.panels(sheet, number, seed, sheet.chance.choice([2, 4]), joined=True)
    else:
        figures.one(sheet, number, seed)


def _paragraphs(sheet: Sheet, references: Sequence[str]) -> None:
    for reference in [*references, None, None][: sheet.chance.randint(1, 3)]:
        text = words.paragraph(sheet.chance, [reference] if reference else [])
        high = sheet.height_of(text, sheet.style.width, sheet.style.body)
        sheet.ensure(high + 6)
        sheet.text(text, sheet.left, sheet.y, sheet.style.width, sheet.style.body)
        sheet.y += high + 6


def _logo(sheet: Sheet) -> None:
    """The publisher's mark, the same on many pages."""
    sheet.image(
        picture("clinical", 7, (90, 90)),
        (sheet.style.size[0] - 56, 14, sheet.style.size[0] - 18, 52),
        jpeg=False,
    )


def _rotated(sheet: Sheet, number: str, seed: int) -> None:
    """A page that is turned by a quarter to be read, as wide figures are printed."""
    sheet.end()
    wide, high = sheet.style.size
    said = words.caption(sheet.chance, "clinical")
    sheet.canvas.saveState()
    sheet.canvas.translate(wide, 0)
    sheet.canvas.rotate(90)
    upright = Style(**{**sheet.style.__dict__, "size": (high, wide)})
    held, sheet.style = sheet.style, upright
    place = (80.0, 60.0, 480.0, 330.0)
    sheet.image(picture("clinical", seed + 5), place, jpeg=True)
    sheet.text(figures._markup(sheet, number, said), 80, 340, 420, upright.small)
    sheet.note(place, number, f"{figures._label(sheet, number)} {said}")
    sheet.style = held
    sheet.canvas.restoreState()
    sheet.canvas.setPageRotation(90)
    sheet.end()
    sheet.canvas.setPageRotation(0)
    sheet.begin()


def _index(sheet: Sheet, numbers: Sequence[str]) -> None:
    """Two pages that count figures: a list with leaders, and an index."""
    sheet.end()
    sheet.begin()
    for number in numbers:
        label = sheet.style.label.format(n=number)
        sheet.y += sheet.text(
            f"{label} {words.part(sheet.chance)} . . . . . . . {sheet.chance.randint(1, 300)}",
            sheet.left, sheet.y, sheet.style.width, sheet.style.small,
        ) + 3  # fmt: skip
        sheet.ensure(20)
    sheet.end()
    sheet.begin()
    for number in numbers:
        sheet.y += sheet.text(
            f"Fig. {number}, {sheet.chance.randint(1, 300)}, {sheet.chance.randint(300, 400)}",
            sheet.left, sheet.y, sheet.style.width, sheet.style.small,
        ) + 2  # fmt: skip
        sheet.ensure(20)


def scanned(file: Path, digital: Path, seed: int, pages: Sequence[int], dpi: float = 150) -> None:
    """Print some pages (from 1) of a book and scan them: grey-yellow paper, specks, a little blur."""
    noise = np.random.default_rng(seed)
    document = pdfium.PdfDocument(digital)
    canvas = Canvas(str(file), invariant=1)
    for number in pages:
        page = document[number - 1]
        size = page.get_size()
        pixels = np.asarray(page.render(scale=dpi / 72).to_pil().convert("RGB"), dtype=np.float32)
        pixels = pixels * np.array([0.97, 0.96, 0.92]) + noise.normal(0, 7, pixels.shape[:2])[:, :, None]
        specks = noise.random(pixels.shape[:2]) < 0.0004
        pixels[specks] = 60
        scan = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.5))
        buffer = io.BytesIO()
        scan.save(buffer, "JPEG", quality=85)
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(io.BytesIO(buffer.getvalue())), 0, 0, *size)
        canvas.showPage()
    canvas.save()
    document.close()


def of_scan(truth: Sequence[dict[str, Any]], pages: Sequence[int]) -> list[dict[str, Any]]:
    """The truth of the scanned pages, numbered as they follow in the scan."""
    place = {page: index for index, page in enumerate(pages, start=1)}
    return [one | {"page": place[one["page"]], "scanned": True} for one in truth if one["page"] in place]


def write_truth(file: Path, books: dict[str, list[dict[str, Any]]]) -> None:
    """As `dermtriage dataset score` reads it."""
    file.write_text(json.dumps({"books": books}, indent=1) + "\n", encoding="utf-8")
