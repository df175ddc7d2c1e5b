"""A block that lacks rows is computed whole, and photographs are opened ahead but not all at once."""

import threading
from pathlib import Path

import pytest
from PIL import Image

from evaluation.classification.streaming import BLOCKS_AHEAD, made_ready, opened, unfinished_blocks
from evaluation.errors import EvaluationError
from evaluation.row_file import RowFile
from evaluation.run_file import begin


def test_blocks_are_fixed_parts_whatever_is_missing(tmp_path: Path) -> None:
    rows = RowFile(tmp_path / "rows", 10)
    rows.append((row, {}) for row in (0, 1, 2, 3, 5))
    assert [(block, sorted(lacking)) for block, lacking in unfinished_blocks(rows, 4)] == [
        (range(4, 8), [4, 6, 7]),
        (range(8, 10), [8, 9]),
    ]


@pytest.mark.parametrize("threads", [0, 2])
def test_all_rows_come_in_order_and_few_are_made_ahead(tmp_path: Path, threads: int) -> None:
    made: list[int] = []
    lock = threading.Lock()

    def make(row: int) -> int:
        with lock:
            made.append(row)
        return row * row

    rows, seen = RowFile(tmp_path / "rows", 40), []
    for block, lacking, ready in made_ready(unfinished_blocks(rows, 4), make, threads):
        assert ready == [row * row for row in block]
        assert len(made) <= block.stop + 4 * (BLOCKS_AHEAD + 1)
        seen += sorted(lacking)
    assert seen == list(range(40))


def test_what_goes_wrong_with_a_photograph_names_it(tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8 no picture")
    with pytest.raises(EvaluationError, match=r"torn\.jpg cannot be read"):
        opened(tmp_path / "torn.jpg")


def test_photographs_are_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (20, 10)).save(tmp_path / "turned.jpg", exif=exif)
    assert (opened(tmp_path / "turned.jpg").size, opened(tmp_path / "turned.jpg").mode) == ((10, 20), "RGB")


def test_a_folder_is_not_continued_with_something_else(tmp_path: Path) -> None:
    begin(tmp_path, {"weights": "a", "rows": 3})
    begin(tmp_path, {"weights": "a", "rows": 3})
    with pytest.raises(EvaluationError, match="another weights: give another --out"):
        begin(tmp_path, {"weights": "b", "rows": 3})
