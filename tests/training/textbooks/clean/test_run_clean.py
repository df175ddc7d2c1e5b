"""The step on a whole book."""

from training.textbooks import clean
from training.textbooks.records import Box, Cleaned, Pair
from training.textbooks.workspace import Book, read_records, write_records


def pair(id: str, caption: str) -> Pair:
    return Pair(
        id=id, book="book", page=1, figure=id, box=Box(x0=0, y0=0, x1=9, y1=9), file=f"panels/{id}.png",
        caption=caption, caption_page=1, confidence=1.0, reasons=(),
    )  # fmt: skip


def test_each_pair_gets_a_record_in_order_and_the_same_bytes_again(tmp_path):
    book = Book("book", tmp_path, tmp_path / "book.pdf")
    captions = [
        "Fig. 1.1 A 45-year-old wo-\nman with melanoma of the back [3]. Courtesy of Dr A. Sample.",
        "Fig. 1.2 No evidence of psoriasis.",
        "",
    ]
    write_records(book.file("pairs.jsonl"), [pair(f"p{n}", text) for n, text in enumerate(captions)])

    assert clean.run(book) == 3
    first = book.file("cleaned.jsonl").read_bytes()
    melanoma, psoriasis, empty = read_records(book.file("cleaned.jsonl"), Cleaned)
    assert melanoma.text == "A 45-year-old woman with melanoma of the back."
    assert (melanoma.age_years, melanoma.sex, melanoma.diagnoses) == (45.0, "female", ("melanoma",))
    for span in (melanoma.age_span, melanoma.sex_span):
        assert melanoma.text[span.start : span.end] == span.text
    assert (psoriasis.diagnoses, psoriasis.excluded) == ((), ("psoriasis",))
    assert (empty.id, empty.text) == ("p2", "")

    clean.run(book)
    assert book.file("cleaned.jsonl").read_bytes() == first
