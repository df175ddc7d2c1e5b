"""Acceptance C6: a copy in another split is found in every disguise, and other photographs are not."""

from pathlib import Path

import pytest
from PIL import Image

from tests.training.manifest.pictures import DISGUISES, drawn_set, photograph, write_manifest
from training.manifest.errors import ManifestError
from training.manifest.reading import examine, read_manifest


@pytest.mark.parametrize("disguise", DISGUISES, ids=str)
def test_a_disguised_copy_in_another_split_is_refused_with_the_pair(disguise: str, tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 6)
    DISGUISES[disguise](photograph(0)).save(tmp_path / "copy.png")
    rows.append({"file": "copy.png", "class": "monkeypox", "split": "val", "group": "other"})

    with pytest.raises(ManifestError) as refusal:
        read_manifest(write_manifest(tmp_path, rows))

    (problem,) = refusal.value.problems
    assert problem.startswith("0.png (train) and copy.png (val): near-duplicates")


def test_many_disguised_copies_are_all_listed_and_no_other_pair(tmp_path: Path) -> None:
    rows, expected = [], set()
    for number, disguise in enumerate([*DISGUISES.values(), *DISGUISES.values()]):
        photograph(number).save(tmp_path / f"{number}.jpg", quality=90)
        disguise(photograph(number)).convert("RGB").save(tmp_path / f"copy{number}.jpg", quality=85)
        rows += [
            {"file": f"{number}.jpg", "class": "measles", "split": "train", "group": f"g{number}"},
            {"file": f"copy{number}.jpg", "class": "measles", "split": "test", "group": f"c{number}"},
        ]
        expected.add(f"{number}.jpg (train) and copy{number}.jpg (test)")

    problems = examine(write_manifest(tmp_path, rows)).problems

    assert {problem.partition(":")[0] for problem in problems} == expected


def test_different_photographs_pass_with_and_without_the_search(tmp_path: Path) -> None:
    file = write_manifest(tmp_path, drawn_set(tmp_path, 30))
    assert len(read_manifest(file).rows) == 30
    assert len(read_manifest(file, near_duplicates=False).rows) == 30


def test_a_copy_within_one_split_is_no_leak(tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 3)
    photograph(0).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "copy.png")
    rows.append({"file": "copy.png", "class": "monkeypox", "split": "train", "group": "other"})
    assert len(read_manifest(write_manifest(tmp_path, rows)).rows) == 4


def test_plain_surfaces_are_not_called_copies(tmp_path: Path) -> None:
    rows = []
    for number, split in enumerate(("train", "train", "val", "val")):
        Image.new("RGB", (64 + number, 64), (200, 150 + number, 120)).save(tmp_path / f"{number}.png")
        rows.append({"file": f"{number}.png", "class": "healthy", "split": split, "group": f"g{number}"})
    assert len(read_manifest(write_manifest(tmp_path, rows)).rows) == 4


def test_the_search_can_be_left_out(tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 3)
    photograph(0).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "copy.png")
    rows.append({"file": "copy.png", "class": "monkeypox", "split": "val", "group": "other"})
    assert len(read_manifest(write_manifest(tmp_path, rows), near_duplicates=False).rows) == 4
