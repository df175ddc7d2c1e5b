"""What passes between the steps: plain records, one JSON object each. Knows no step.

Coordinates are PDF points (1/72 inch) from the top left corner of the page as it is read, rotation applied.
"""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Modality = Literal["clinical", "dermoscopic", "pathological"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
Subset = Literal["C", "O", "D"]


class Record(BaseModel):
    """Base: unchangeable, no field that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(Record):
    """A rectangle: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """In points."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """In points."""
        return self.y1 - self.y0


class Line(Record):
    """One line of text within one column."""

    text: str
    box: Box
    size: float = Field(description="Height of the type in points; of the box where it was read by OCR")
    bold: bool = False
    italic: bool = False


class Figure(Record):
    """One picture on a page. `file` is relative to the book's folder; several figures may share one."""

    id: str = Field(description="Unique in the book, such as p0012-f02, in reading order of its page")
    page: int
    box: Box
    file: str
    kind: Literal["embedded", "vector", "scan"]
    width: int = Field(description="In pixels, the original resolution")
    height: int
    sha256: str
    dropped: str = Field(default="", description="Why it is no figure: logo, rule, decoration, tiny")


class Page(Record):
    """What was read of one page. `number` counts from 1. `ocr` names the engine that read a scanned page."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    ocr: str = ""
    fault: str = Field(default="", description="Why the page could not be read; the others are")


class Pair(Record):
    """A picture and the caption that belongs to it; of a multi-panel figure one pair a panel.

    `box` is the panel's part of the page; `file` holds the panel alone.
    """

    id: str = Field(description="Unique in the book: the figure's id, with the panel's letter if any")
    book: str
    page: int
    figure: str
    panel: str = ""
    box: Box
    file: str
    number: str = Field(default="", description="As the book counts: 3.2, 3-2, IV")
    caption: str = Field(description="As printed: lines joined, nothing cleaned")
    caption_page: int
    confidence: float = Field(ge=0, le=1)
    reasons: tuple[str, ...] = Field(description="What spoke for it: numbering, below, same column")


class ModalityGuess(Record):
    """The modality of one pair; `checked` is a person's, and stands above the guess."""

    id: str
    modality: Modality
    probability: float = Field(ge=0, le=1)
    checked: Modality | None = None

    @property
    def settled(self) -> Modality:
        """What holds."""
        return self.checked or self.modality


class Span(Record):
    """A piece of the cleaned text: characters `start` to `end` (exclusive)."""

    start: int
    end: int
    text: str


class Cleaned(Record):
    """The caption fit for use, and what it states of the patient."""

    id: str
    text: str
    age_years: float | None = None
    age_span: Span | None = None
    sex: Literal["female", "male"] | None = None
    sex_span: Span | None = None
    diagnoses: tuple[str, ...] = Field(default=(), description="Labels the text affirms, most specific first")
    excluded: tuple[str, ...] = Field(default=(), description="Labels it names and negates or only considers")


class Screened(Record):
    """Why one pair should not be published or trained on; no reasons: nothing was found."""

    id: str
    phash: str
    reasons: tuple[str, ...] = Field(
        default=(), description="face, eyes, identifying_mark, annotated, drawing, duplicate_of:BOOK/ID"
    )


class Question(Record):
    """One VQA sample, traceable to book, page and figure by the pair's id."""

    id: str
    pair: str
    book: str
    page: int
    subset: Subset
    kind: str = Field(description="caption, diagnosis, morphology, site, modality, next_step, age, sex, ...")
    question: str
    answer: str
    source: Literal["template", "language_model"]
    yes_no: bool = False
