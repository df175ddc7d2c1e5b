"""A run killed again and again, at every stage, leaves the same bytes as one that was never stopped."""

from tests.training.textbooks.run.killed import contents, walk
from tests.training.textbooks.shelf import PAGES, Printed, shelve

BOOKS = {
    "atlas": PAGES[:4],
    "manual": (
        Printed("clinical", 2, "A melanoma, reprinted."),
        Printed("dermoscopic", 9, "Dermoscopy of a naevus."),
    ),
}
# In the order of the stages: what each writes, for the second book where there are two, and its mark.
COMMITS = (
    ("measured.jsonl", 1), ("measure.json", 2), ("modality.jsonl", 2), ("check", 1), ("modality.json", 1),
    ("cleaned.jsonl", 2), ("looks.jsonl", 1), ("screened.jsonl", 2), ("questions.jsonl", 1),
    ("questions.json", 1), ("export", 1), ("export.json", 1),
)  # fmt: skip


def test_a_killed_run_goes_on_to_the_same_output(tmp_path):
    shelve(tmp_path / "books", tmp_path / "whole", BOOKS)
    shelve(tmp_path / "books", tmp_path / "killed", BOOKS)
    assert walk(tmp_path / "books", tmp_path / "whole")
    for name, count in COMMITS:
        assert not walk(tmp_path / "books", tmp_path / "killed", name, count), name
    assert walk(tmp_path / "books", tmp_path / "killed")
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
