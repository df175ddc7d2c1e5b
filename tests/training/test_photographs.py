"""Labelled photographs are read as their manifests say, and what would make figures too good is refused."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.vlm.drawn import photograph
from training.photographs import DataError, read_photographs
from triage.findings import CONDITIONS

SIDE = 24
CLASSES = {"pox": ("monkeypox", "chickenpox_or_measles", "healthy"), "derm": ("mel", "nev")}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One photograph of each class for each split, in groups of their own."""
    for folder, classes in CLASSES.items():
        (tmp_path / folder).mkdir()
        kinds = [(name, split) for name in classes for split in ("train", "val")]
        rows = []
        for number, (name, split) in enumerate(kinds):
            photograph(number, size=(40, 32)).save(tmp_path / folder / f"{number}.png")
            rows.append({"file": f"{number}.png", "class": name, "split": split, "group": f"g{number}"})
        with (tmp_path / folder / "manifest.csv").open("w", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return tmp_path


def changed(data: Path, before: str, after: str) -> None:
    manifest = data / "pox" / "manifest.csv"
    assert before in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(before, after))


@pytest.mark.parametrize(("split", "count"), [("train", 5), ("val", 5), (None, 10)])
def test_one_split_or_all_of_both_folders(data: Path, split: str | None, count: int) -> None:
    read = read_photographs(data, split, SIDE)
    assert len(read) == count
    assert read.pixels.shape == (count, SIDE, SIDE, 3)
    assert read.pixels.dtype == np.uint8
    assert read.labels.sum(axis=1).tolist() == [1.0] * count
    assert {row["split"] for row in read.rows} == ({split} if split else {"train", "val"})


def test_monkeypox_is_called_mpox(data: Path) -> None:
    assert CONDITIONS[read_photographs(data, "train", SIDE).conditions[0]] == "mpox"


def test_an_undecided_label_is_half_of_each(data: Path) -> None:
    label = read_photographs(data, "train", SIDE).labels[1]
    halves = {CONDITIONS[place]: float(label[place]) for place in np.flatnonzero(label)}
    assert halves == {"chickenpox": 0.5, "measles": 0.5}


def test_groups_of_two_folders_are_not_one(data: Path) -> None:
    groups = read_photographs(data, None, SIDE).groups
    assert {"pox/g0", "derm/g0"} <= set(groups)
    assert len(set(groups)) == 10


def test_only_some_keep_their_rows_together(data: Path) -> None:
    read = read_photographs(data, None, SIDE)
    chosen = np.array([7, 2])
    some = read.only(chosen)
    assert some.rows == (read.rows[7], read.rows[2])
    assert some.groups == (read.groups[7], read.groups[2])
    assert np.array_equal(some.pixels, read.pixels[chosen])
    assert np.array_equal(some.labels, read.labels[chosen])


def test_a_missing_manifest_is_named(data: Path) -> None:
    (data / "derm" / "manifest.csv").unlink()
    with pytest.raises(DataError, match=r"derm/manifest\.csv is missing"):
        read_photographs(data, "train", SIDE)


def test_a_group_in_two_splits_is_refused(data: Path) -> None:
    changed(data, ",g1", ",g0")
    with pytest.raises(DataError, match="pox/g0 stands in two splits"):
        read_photographs(data, "train", SIDE)


def test_an_unknown_class_is_named(data: Path) -> None:
    changed(data, "healthy", "smallpox")
    with pytest.raises(DataError, match="'smallpox' is none of the ten"):
        read_photographs(data, "train", SIDE)


def test_a_split_without_photographs_is_named(data: Path) -> None:
    with pytest.raises(DataError, match="no photographs of the split 'test'"):
        read_photographs(data, "test", SIDE)
