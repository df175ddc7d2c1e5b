"""PDFs that nobody here wrote, from Debian's packages, against verdicts given by looking at their pages.

Right: the box shows the figure, or whole panels of it, and the caption is the figure's with its words.
"""

import gzip
import hashlib
from pathlib import Path

import pytest

from training.textbooks import align, extract
from training.textbooks.records import Pair
from training.textbooks.scoring import read_truth, scores
from training.textbooks.workspace import Book, read_records

SHARE = Path("/usr/share")
FILES = {
    "abinit-doc: wave functions": "doc/abinit/html/theory/ELF/wf_elecden_kinden_elf.pdf",
    "abinit-doc: ELF": "doc/abinit/html/theory/ELF/test_report/test_report_elf.pdf",
    "abinit-doc: MGGA": "doc/abinit/html/theory/MGGA/report_MGGA.pdf",
    "abinit-doc: KDEN": "doc/abinit/html/theory/KDEN/test_report_kden.pdf",
    "doxygen-doc": "doc/doxygen/doxygen_manual.pdf",
    "ngspice-doc": "doc/ngspice-doc/manual.pdf.gz",
    "dynare-doc": "doc/dynare/parallel.pdf.gz",
    "expeyes-doc-en": "expeyes/doc/en-eyesj.pdf",
}
VERDICTS = Path(__file__).with_name("debian_figures.csv")


def test_verdicts_meet_the_goal() -> None:
    """Nine of ten pairs that were looked at are right."""
    listed = [one for book in read_truth(VERDICTS).books.values() for one in book]
    assert len(listed) >= 149
    assert sum(one.right for one in listed) >= 0.9 * len(listed)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FILES)
def test_captions_find_their_figures_in_a_debian_manual(tmp_path: Path, name: str) -> None:
    file = SHARE / FILES[name]
    if not file.exists():
        pytest.skip(f"{name} is not installed")
    source = tmp_path / "book.pdf"
    content = file.read_bytes()
    source.write_bytes(gzip.decompress(content) if file.suffix == ".gz" else content)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if digest not in read_truth(VERDICTS).books:
        pytest.skip(f"{name} is of another version than the verdicts'")
    book = Book(f"book-{digest[:8]}", tmp_path / "out", source)
    extract.run(book)
    align.run(book)
    (figure,) = scores(list(read_records(book.file("pairs.jsonl"), Pair)), read_truth(VERDICTS))
    print(name, figure, figure.precision)
    assert figure.found > 0
    assert figure.right >= 0.9 * (figure.found + figure.unjudged)
