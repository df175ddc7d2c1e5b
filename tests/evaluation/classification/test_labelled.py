"""Both formats of rows are read alike, and what is wrong with a file is said with its place."""

from pathlib import Path

import pytest

from evaluation.classification.labelled import Labelled, read_labelled, refuse_missing
from evaluation.errors import EvaluationError
from tests.evaluation.classification.drawn_sets import written


def test_a_manifest_has_splits_and_groups_and_calls_monkeypox_mpox(tmp_path: Path) -> None:
    lines = [("file", "class", "split", "group", "age"), ("a.jpg", "monkeypox", "val", "g1", "4")]
    assert read_labelled(written(tmp_path / "m.csv", lines)).rows == (Labelled("a.jpg", "mpox", "val", "g1"),)


@pytest.mark.parametrize("spelling", ["attributes", "atributes"])
def test_the_csv_of_mm_skin_is_read_in_both_spellings(tmp_path: Path, spelling: str) -> None:
    lines = [("image", spelling, "categories", "set"), ("P/a.jpg", "[]", "['nontumor']", "Test")]
    found = read_labelled(written(tmp_path / "m.csv", lines))
    assert found.rows == (Labelled("P/a.jpg", "nontumor", "test", "P/a.jpg"),)


def test_rows_without_exactly_one_class_are_left_out_and_counted(tmp_path: Path) -> None:
    lines = [("image", "atributes", "categories")]
    lines += [
        ("a", "[]", "['nevus']"),
        ("b", "[]", "[]"),
        ("c", "[]", "['scar', 'nevus']"),
        ("d", "[]", "[]"),
    ]
    found = read_labelled(written(tmp_path / "m.csv", lines))
    assert [row.file for row in found.rows] == ["a"]
    assert found.left_out == {"no class": 2, "several classes": 1}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([("name", "answer"), ("a", "b")], "columns answer, name"),
        ([("image", "categories"), ("a", "nevus")], "line 2: categories 'nevus'"),
        ([("image", "categories"), ("a", "__import__('os')")], "line 2"),
        ([("image", "categories"), ("a", "[]")], "no row with exactly one class"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, lines: list[tuple[str, ...]], said: str
) -> None:
    with pytest.raises(EvaluationError, match=r"m\.csv") as refused:
        read_labelled(written(tmp_path / "m.csv", lines))
    assert said in str(refused.value)


def test_missing_photographs_are_listed(tmp_path: Path) -> None:
    rows = [Labelled(f"{number}.jpg", "x", "", "g") for number in range(5)]
    with pytest.raises(EvaluationError, match=r"0\.jpg, 1\.jpg, 2\.jpg and 2 more"):
        refuse_missing(rows, tmp_path)
