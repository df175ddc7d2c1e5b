"""An invented book of pairs, cleaned, with modalities."""

from pathlib import Path

from training.textbooks import clean
from training.textbooks.records import Box, ModalityGuess, Pair, Question, Screened
from training.textbooks.workspace import Book, read_records, write_records

CAPTIONS = [
    "Fig. 1.1 A 45-year-old woman with an itchy red plaque on the left forearm. Psoriasis. No ulceration.",
    "Fig. 1.2 Melanoma of the back of a 60-year-old man, treated by excision.",
    "Fig. 1.3 Seborrhoeic keratosis mimicking melanoma on the chest of a woman.",
    "Fig. 1.4 Dermoscopy of a naevus: regular globules without blue-white veil.",
    "Fig. 1.5 Histology of a basal cell carcinoma with peripheral palisading.",
    "Fig. 1.6 A 3-day-old boy with pustules on the trunk. Erythema toxicum neonatorum.",
    "Fig. 1.7 A 6-week-old girl with crusts on the scalp.",
    "Fig. 1.8 Vesicles on the lip. Herpes simplex; culture was taken.",
    "Fig. 1.9 Scales of a foot.",
    "Fig. 1.10",
]
MODALITIES = {3: "dermoscopic", 4: "pathological"}


def book_with(folder: Path, captions: list[str], *, flagged: tuple[int, ...] = ()) -> Book:
    """A book whose steps up to the questions are done."""
    book = Book("book-1", folder, folder / "book.pdf")
    write_records(book.file("pairs.jsonl"), [_pair(number, text) for number, text in enumerate(captions)])
    clean.run(book)
    guesses = [
        ModalityGuess(id=_id(number), modality=MODALITIES.get(number % 10, "clinical"), probability=0.9)
        for number in range(len(captions))
    ]
    write_records(book.file("modality.jsonl"), guesses)
    screened = [
        Screened(id=_id(number), phash="0", reasons=("face",) if number in flagged else ())
        for number in range(len(captions))
    ]
    write_records(book.file("screened.jsonl"), screened)
    return book


def questions_of(book: Book) -> list[Question]:
    """What the step wrote."""
    return list(read_records(book.file("questions.jsonl"), Question))


def _id(number: int) -> str:
    return f"p{number:04d}-f01"


def _pair(number: int, caption: str) -> Pair:
    return Pair(
        id=_id(number),
        book="book-1",
        page=number + 1,
        figure=_id(number),
        box=Box(x0=0, y0=0, x1=9, y1=9),
        file=f"panels/{number}.png",
        caption=caption,
        caption_page=number + 1,
        confidence=1.0,
        reasons=(),
    )
