"""A run killed again and again, at every step, leaves the same bytes as one that was never stopped."""

from tests.training.textbooks.run.killed import Runs, contents
from tests.training.textbooks.run.printed import print_book
from tests.training.textbooks.shelf import PAGES, Printed

ANOTHER = (
    Printed("clinical", 2, "A melanoma, reprinted."),
    Printed("dermoscopic", 9, "Dermoscopy of a naevus."),
)
# Step by step: in the middle of what it writes, before what it writes for the second book, before its mark.
KILLS = (
    {"kill_when": "books/*/reading/p00002.json"},
    {"kill_before": "pages.jsonl", "count": 2},
    {"kill_before": "pairs.jsonl"},
    {"kill_before": "align.json", "count": 2},
    {"kill_before": "measured.jsonl"},
    {"kill_before": "modality.jsonl", "count": 2},
    {"kill_before": "check"},
    {"kill_before": "cleaned.jsonl", "count": 2},
    {"kill_when": "books/*/.looks.jsonl.part"},
    {"kill_before": "screened.jsonl", "count": 2},
    {"kill_before": "questions.jsonl", "count": 2},
    {"kill_when": ".export.part/images/*/*"},
    {"kill_when": ".export.part/datasets/*/*"},
    {"kill_before": "export"},
    {"kill_before": "export.json"},
)


def test_a_killed_run_goes_on_to_the_same_output(tmp_path):
    books = tmp_path / "books"
    books.mkdir()
    print_book(books / "atlas.pdf", PAGES[:4])
    print_book(books / "manual.pdf", ANOTHER)
    with Runs() as runs:
        assert runs.walk(books, tmp_path / "whole")
        for kill in KILLS:
            assert not runs.walk(books, tmp_path / "killed", **kill), kill
        assert runs.walk(books, tmp_path / "killed")
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert sum(name.startswith("export/images/") for name in contents(tmp_path / "whole")) == 5
