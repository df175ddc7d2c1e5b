"""A shelf of invented books whose first two steps are done: pictures and captions lie in their folders."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.training.textbooks.drawn import drawn
from training.textbooks.records import Box, Modality, Pair
from training.textbooks.run.marks import set_done, state_of
from training.textbooks.sources import books_of
from training.textbooks.workspace import Book, write_records


@dataclass(frozen=True)
class Printed:
    """One figure of an invented book."""

    modality: Modality
    seed: int
    caption: str
    confidence: float = 0.95
    figure: str = ""
    picture: Image.Image | None = None


PAGES = (
    Printed("clinical", 1, "A 45-year-old woman with an itchy red plaque on the left forearm. Psoriasis."),
    Printed("clinical", 2, "Melanoma of the back of a 60-year-old man, treated by excision."),
    Printed("dermoscopic", 3, "Dermoscopy of a naevus: regular globules without blue-white veil."),
    Printed("pathological", 4, "Histology of a basal cell carcinoma with peripheral palisading, x200."),
    Printed("clinical", 5, "A 3-day-old boy with pustules on the trunk. Erythema toxicum neonatorum."),
    Printed("clinical", 6, "Vesicles on the lip. Herpes simplex; culture was taken.", confidence=0.3),
)


def shelve(sources: Path, out: Path, books: dict[str, tuple[Printed, ...]]) -> list[Book]:
    """Books by name. Their PDFs are mere words: nothing after the second step looks at them."""
    sources.mkdir(parents=True, exist_ok=True)
    for name in books:
        (sources / f"{name}.pdf").write_text(f"the book {name}")
    found, _, _ = books_of(sources, out)
    for book in found:
        _print(book, books[book.source.stem])
    return found


def _print(book: Book, pages: tuple[Printed, ...]) -> None:
    book.file("figures").mkdir(parents=True, exist_ok=True)
    book.file("pages.jsonl").write_text("")
    write_records(book.file("pairs.jsonl"), [_pair(book, n, one) for n, one in enumerate(pages, start=1)])
    for stage, read in (("extract", book.source), ("align", book.file("pages.jsonl"))):
        set_done(book.file(f".done/{stage}.json"), state_of([read]))


def _pair(book: Book, number: int, printed: Printed) -> Pair:
    name = f"p{number:04d}-f01"
    file = f"figures/{name}.png"
    (printed.picture or drawn(printed.modality, printed.seed)).save(book.file(file))
    return Pair(
        id=name,
        book=book.id,
        page=number,
        figure=printed.figure or name,
        box=Box(x0=0, y0=0, x1=240, y1=180),
        file=file,
        number=f"1.{number}",
        caption=f"Fig. 1.{number} {printed.caption}",
        caption_page=number,
        confidence=printed.confidence,
        reasons=("numbering",),
    )
