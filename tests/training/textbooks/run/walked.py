"""The command on a shelf, in this process."""

import csv
from pathlib import Path

from click.testing import CliRunner

from dermtriage.cli import group
from tests.training.textbooks.drawn import drawn, with_arrow
from tests.training.textbooks.shelf import PAGES, Printed, shelve

ANOTHER = (
    Printed("clinical", 11, "Lichen planus on the wrist of a 50-year-old man."),
    Printed("clinical", 2, "A melanoma, reprinted from another book."),
    Printed("dermoscopic", 13, "Dermoscopy of a seborrhoeic keratosis (arrow)."),
    Printed(
        "clinical",
        14,
        "Wheals on the trunk. Urticaria.",
        picture=with_arrow(drawn("clinical", 14, (480, 360))),
    ),
)


def walked(folder: Path) -> tuple[Path, str]:
    """Two books walked once: the run's folder and what it said."""
    shelve(folder / "books", folder / "out", {"atlas": PAGES, "manual": ANOTHER})
    (folder / "books" / "sources.csv").write_text("file,title,licence\natlas.pdf,An Atlas,CC BY 4.0\n")
    return folder / "out", walk(folder)


def walk(folder: Path, *more: str, expect: int = 0) -> str:
    """`dermtriage dataset textbooks` on `books` below `folder`; what it said."""
    where = ["dataset", "textbooks", str(folder / "books"), "--out", str(folder / "out"), "--workers", "1"]
    return said([*where, *more], expect)


def said(words: list[str], expect: int = 0) -> str:
    """What `dermtriage WORDS` says."""
    result = CliRunner().invoke(group, words)
    assert result.exit_code == expect, (result.output, result.exception)
    return result.output


def table(file: Path) -> list[dict[str, str]]:
    """The rows of a csv."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
