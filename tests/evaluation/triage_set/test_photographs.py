"""Manifests as they come: files are found, and what does not fit is named."""

from pathlib import Path

import pytest

from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.photographs import photographs_of
from tests.evaluation.triage_set.sets import drawn_set, rows_of, written


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return drawn_set(tmp_path / "pox", 7)


def test_monkeypox_is_mpox_and_a_row_without_group_is_its_own(manifest: Path) -> None:
    rows = [{"file": row["file"], "class": row["class"]} for row in rows_of(manifest)]
    found = photographs_of(written(manifest, rows), manifest.parent)
    assert [photograph.label for photograph in found][:2] == ["mpox", "chickenpox"]
    assert [photograph.group for photograph in found] == [row["file"] for row in rows]
    assert found[0].opened().size == (64, 48)


def test_files_lie_in_the_folder_below_it_or_beside_the_manifest(manifest: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for images in (manifest.parent, tmp_path, elsewhere):
        assert photographs_of(manifest, images)[0].path == manifest.parent / "monkeypox" / "0.png"


def test_a_split_is_chosen(tmp_path: Path) -> None:
    manifest = drawn_set(tmp_path, 14)
    assert len(photographs_of(manifest, tmp_path, "val")) == 7
    with pytest.raises(EvaluationError, match="no row of split 'test'"):
        photographs_of(manifest, tmp_path, "test")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class": "eczema"}, "unknown class 'eczema'; use mpox, "),
        ({"file": "gone.png"}, "files not found: gone.png"),
        ({"file": "chickenpox/1.png"}, "files named twice: chickenpox/1.png"),
    ],
)
def test_what_does_not_fit_is_named(manifest: Path, change: dict[str, str], message: str) -> None:
    rows = rows_of(manifest)
    written(manifest, [rows[0] | change, *rows[1:]])
    with pytest.raises(EvaluationError, match=message):
        photographs_of(manifest, manifest.parent)


def test_missing_columns_and_broken_images_are_named(manifest: Path) -> None:
    (manifest.parent / "monkeypox" / "0.png").write_bytes(b"no image")
    with pytest.raises(EvaluationError, match=r"0\.png cannot be read as an image"):
        photographs_of(manifest, manifest.parent)[0].opened()
    manifest.write_text("path,label\n")
    with pytest.raises(EvaluationError, match="no column class, file; add it"):
        photographs_of(manifest, manifest.parent)
