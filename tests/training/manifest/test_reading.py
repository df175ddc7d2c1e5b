"""A manifest is read whole, and all that is wrong is said at once."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from dermtriage.commands.dataset.check import command
from tests.training.manifest.pictures import COLUMNS, drawn_set, photograph, write_manifest
from training.manifest.errors import ManifestError, listed
from training.manifest.reading import read_manifest


def _problems(file: Path, images: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as refusal:
        read_manifest(file, images)
    return refusal.value.problems


def test_rows_are_typed_and_unknown_values_are_none(tmp_path: Path) -> None:
    facts = {
        "age": "58.0",
        "gender": "FEMALE",
        "region": "FACE",
        "itch": "True",
        "grew": "UNK",
        "diameter_1": "0.0",
    }
    rows = [row | facts for row in drawn_set(tmp_path, 3)]

    read = read_manifest(write_manifest(tmp_path, rows, (*COLUMNS, *facts)))

    first = read.rows[0]
    assert (first.file, first.split, first.group, first.conditions) == ("0.png", "train", "g0", ("mpox",))
    assert (first.facts.age, first.facts.gender, first.facts.region) == (58, "female", "face")
    assert (first.facts.itch, first.facts.grew, first.facts.diameter_1) == (True, None, None)
    assert first.facts.bleed is None
    assert (first.number, len(first.sha256), read.splits) == (2, 64, ("train", "val"))
    assert [row.file for row in read.of_split("val")] == ["2.png"]


def test_images_may_lie_elsewhere(tmp_path: Path) -> None:
    pictures, tables = tmp_path / "pictures", tmp_path / "tables"
    pictures.mkdir()
    tables.mkdir()
    file = write_manifest(tables, drawn_set(pictures, 3))
    assert len(read_manifest(file, pictures).rows) == 3
    assert len(_problems(file)) == 3


def test_missing_columns_are_named(tmp_path: Path) -> None:
    rows = [{"file": "0.png", "class": "mpox"}]
    assert _problems(write_manifest(tmp_path, rows, ("file", "class"))) == (
        "the column split is missing",
        "the column group is missing",
    )


def test_every_fault_of_every_row_is_listed(tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 6)
    rows[0] |= {"class": "smallpox"}
    rows[1] |= {"group": ""}
    rows[2] |= {"age": "old"}
    (tmp_path / "3.png").unlink()
    (tmp_path / "4.png").write_bytes((tmp_path / "4.png").read_bytes()[:5000])
    rows[5] |= {"sha256": "0" * 64}

    problems = _problems(write_manifest(tmp_path, rows, (*COLUMNS, "age", "sha256")))

    assert [problem.split(" ")[0] for problem in problems] == [f"{number}.png" for number in range(6)]
    for problem, word in zip(
        problems, ("'smallpox'", "group is empty", "age='old'", "No such file", "no whole image", "sha256"),
        strict=True,
    ):  # fmt: skip
        assert word in problem


def test_a_group_in_two_splits_and_the_same_bytes_are_listed(tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 6)
    rows[2] |= {"group": "g0"}
    (tmp_path / "copy.png").write_bytes((tmp_path / "1.png").read_bytes())
    rows.append({"file": "copy.png", "class": "chickenpox", "split": "val", "group": "other"})

    assert _problems(write_manifest(tmp_path, rows)) == (
        "group g0 stands in two splits: train (0.png) and val (2.png)",
        "1.png (train) and copy.png (val): the same file",
    )


def test_a_file_listed_twice_is_refused(tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 3)
    assert _problems(write_manifest(tmp_path, [*rows, rows[0]])) == ("0.png is listed 2 times (lines 2, 5)",)


def test_a_folder_of_manifests_is_searched_across_its_folders(tmp_path: Path) -> None:
    for name in ("derm", "pox"):
        (tmp_path / name).mkdir()
    write_manifest(tmp_path / "pox", drawn_set(tmp_path / "pox", 3))
    photograph(0).rotate(180).save(tmp_path / "derm" / "copy.png")
    row = {"file": "copy.png", "class": "bcc", "split": "val", "group": "g0"}
    write_manifest(tmp_path / "derm", [row])

    (problem,) = _problems(tmp_path)

    assert problem.startswith("derm/copy.png (val) and pox/0.png (train): near-duplicates")


def test_an_empty_manifest_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    assert "manifest.csv" in _problems(tmp_path)[0]
    assert _problems(write_manifest(tmp_path, [])) == ("it has no rows",)


def test_very_many_problems_are_counted() -> None:
    assert listed(["one", "two", "three"], shown=1) == "  one\n  ... and 2 more"


def test_the_command_prints_counts_and_exits_with_1_on_a_leak(tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 6)
    clean = CliRunner().invoke(command, [str(write_manifest(tmp_path, rows))])
    assert clean.exit_code == 0, clean.output
    assert [line.split() for line in clean.stdout.splitlines()] == [
        ["class", "train", "val", "all"],
        ["chickenpox", "2", "1", "3"],
        ["monkeypox", "2", "1", "3"],
        ["photographs", "4", "2", "6"],
        ["groups", "4", "2", "6"],
        ["no", "problems"],
    ]

    rows[2] |= {"group": "g0"}
    leaky = CliRunner().invoke(command, [str(write_manifest(tmp_path, rows))])
    assert leaky.exit_code == 1
    assert isinstance(leaky.exception, ManifestError)
    assert "0.png" in str(leaky.exception)
    assert "2.png" in str(leaky.exception)
