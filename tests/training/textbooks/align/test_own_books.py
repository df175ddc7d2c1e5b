"""Books of our own making: captions find their figures, on digital and on scanned pages."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dermtriage.commands.dataset.score import command as score
from tests.training.textbooks.books.making import STYLES, book, of_scan, scanned, write_truth
from training.textbooks import align, extract
from training.textbooks.records import Pair
from training.textbooks.scoring import read_truth, scores
from training.textbooks.workspace import Book, read_records

SEEDS = (1, 2)  # one a layout each: the layouts take turns


def _read(folder: Path, name: str) -> list[Pair]:
    one = Book(name, folder / "out" / "books" / name, folder / f"{name}.pdf")
    extract.run(one)
    align.run(one)
    return list(read_records(one.file("pairs.jsonl"), Pair))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    books: dict[str, list[dict[str, Any]]] = {}
    for index, style in enumerate(STYLES):
        name = f"digital-{index}"
        books[name] = book(folder / f"{name}.pdf", SEEDS[index % 2] * 100 + index, style, count=7)
        _read(folder, name)
    write_truth(folder / "truth.json", books)
    return folder


def test_captions_find_their_figures_on_digital_pages(shelf: Path) -> None:
    said = CliRunner().invoke(score, [str(shelf / "out"), str(shelf / "truth.json")])
    print(said.output)
    assert said.exit_code == 0
    fields = said.output.split()
    assert fields[0] == "digital"
    assert float(fields[2]) >= 0.98
    assert float(fields[4]) >= 0.98
    assert int(fields[10]) > 80


def test_logos_indexes_and_drawings_are_told_apart(shelf: Path) -> None:
    truth = json.loads((shelf / "truth.json").read_text())["books"]
    for name, listed in truth.items():
        pairs = list(read_records(shelf / "out" / "books" / name / "pairs.jsonl", Pair))
        assert {pair.page for pair in pairs} == {one["page"] for one in listed}
        assert all((shelf / "out" / "books" / name / pair.file).exists() for pair in pairs)


@pytest.mark.parametrize("style", [0, 1], ids=["one_column", "two_columns"])
def test_captions_find_their_figures_on_scanned_pages(tmp_path: Path, style: int) -> None:
    """By the engine that a run would choose here: Tesseract, else RapidOCR."""
    count = 2
    truth = book(tmp_path / "digital.pdf", 20 + style, STYLES[style], count=5, extras=False)
    pages = sorted({one["page"] for one in truth})[:count]
    scanned(tmp_path / "scan.pdf", tmp_path / "digital.pdf", 5, pages)
    write_truth(tmp_path / "truth.json", {"scan": of_scan(truth, pages)})
    (figure,) = scores(_read(tmp_path, "scan"), read_truth(tmp_path / "truth.json"))
    print(figure, figure.precision, figure.recall)
    assert figure.kind == "scanned"
    assert (figure.precision or 0) >= 0.9
    assert (figure.recall or 0) >= 0.9
