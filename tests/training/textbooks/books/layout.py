"""Sets paragraphs, figures and captions into columns with ReportLab, and notes where each figure stands."""

import io
import random
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

Place = tuple[float, float, float, float]


@dataclass(frozen=True)
class Style:
    """How one book looks. `label` has {n} for the number."""

    columns: int = 1
    size: tuple[float, float] = (595.0, 842.0)
    margin: float = 60.0
    gutter: float = 22.0
    font: str = "Times-Roman"
    bold: str = "Times-Bold"
    body: float = 10.0
    small: float = 8.5
    label: str = "Fig. {n}"
    stop: str = " "
    captions: str = "below"
    bold_label: bool = True
    letters: str = "({})"
    dash: str = "."

    @property
    def width(self) -> float:
        """Of one column."""
        return (self.size[0] - 2 * self.margin - (self.columns - 1) * self.gutter) / self.columns


@dataclass
class Sheet:
    """The page being set: the canvas with y downwards, the column, and how far it is filled."""

    canvas: Canvas
    style: Style
    chance: random.Random
    page: int = 1
    column: int = 0
    y: float = 0.0
    truth: list[dict[str, Any]] = field(default_factory=list)
    heads: bool = True
    chapter: int = 1

    @property
    def left(self) -> float:
        """The column's left edge."""
        return self.style.margin + self.column * (self.style.width + self.style.gutter)

    @property
    def room(self) -> float:
        """What is left of the column."""
        return self.style.size[1] - self.style.margin - self.y

    def begin(self) -> None:
        """A fresh page with its running head and number."""
        self.column, self.y = 0, self.style.margin + 14
        if self.heads:
            self.text(f"Chapter {self.chapter}  Diseases of the skin", self.style.margin, 32, 400, 8)
            self.text(str(self.page), self.style.size[0] / 2, self.style.size[1] - 40, 60, 8)

    def end(self) -> None:
        """Close the page."""
        self.canvas.showPage()
        self.page += 1

    def ensure(self, height: float) -> None:
        """Go on in the next column or page where there is no room."""
        if self.room >= height:
            return
        if self.column + 1 < self.style.columns:
            self.column, self.y = self.column + 1, self.style.margin + 14
            return
        self.end()
        self.begin()

    def text(
        self, markup: str, x: float, y: float, width: float, size: float, *, bold: bool = False
    ) -> float:
        """Set a paragraph with its top at y; the height it took."""
        style = ParagraphStyle(
            "set", fontName=self.style.bold if bold else self.style.font, fontSize=size, leading=size * 1.2
        )
        paragraph = Paragraph(markup, style)
        _, high = paragraph.wrap(width, 2000)
        paragraph.drawOn(self.canvas, x, self.style.size[1] - y - high)
        return float(high)

    def height_of(self, markup: str, width: float, size: float) -> float:
        """The height a paragraph would take."""
        paragraph = Paragraph(
            markup, ParagraphStyle("set", fontName=self.style.font, fontSize=size, leading=size * 1.2)
        )
        return float(paragraph.wrap(width, 2000)[1])

    def image(self, picture: Image.Image, place: Place, *, jpeg: bool) -> None:
        """Place a picture; half of them as JPEG, as in real books."""
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG" if jpeg else "PNG", **({"quality": 90} if jpeg else {}))
        x0, y0, x1, y1 = place
        reader = ImageReader(io.BytesIO(buffer.getvalue()))
        self.canvas.drawImage(reader, x0, self.style.size[1] - y1, x1 - x0, y1 - y0)

    def note(self, place: Place, number: str, caption: str, panel: str = "", page: int | None = None) -> None:
        """Write into the truth where a figure stands and what is said of it."""
        self.truth.append(
            {
                "page": page or self.page,
                "box": [round(edge, 1) for edge in place],
                "number": number,
                "panel": panel,
                "caption": caption,
            }
        )
