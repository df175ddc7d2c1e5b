"""A killed evaluation goes on where it stopped and ends with the same bytes."""

from pathlib import Path

import pytest

from evaluation.row_file import RowFile

RESULTS = [(row, {"answer": f"text {row}\n", "score": row / 3}) for row in range(7)]


def finished(path: Path, order: list[int]) -> bytes:
    rows = RowFile(path, 7)
    rows.append(RESULTS[row] for row in order)
    rows.finish()
    return path.read_bytes()


def test_the_file_does_not_depend_on_the_order(tmp_path: Path) -> None:
    assert finished(tmp_path / "a", list(range(7))) == finished(tmp_path / "b", [6, 2, 0, 1, 5, 4, 3])


def test_a_torn_last_line_is_done_again(tmp_path: Path) -> None:
    whole = finished(tmp_path / "whole", list(range(7)))
    first = RowFile(tmp_path / "rows", 7)
    first.append(RESULTS[:3])
    with first.unfinished.open("ab") as lines:
        lines.write(b'{"row": 3, "answ')
    second = RowFile(tmp_path / "rows", 7)
    assert list(second.missing()) == [3, 4, 5, 6]
    second.append(RESULTS[row] for row in second.missing())
    second.finish()
    assert (tmp_path / "rows").read_bytes() == whole
    assert not second.unfinished.exists()


def test_a_finished_file_has_nothing_missing_and_is_not_touched(tmp_path: Path) -> None:
    whole = finished(tmp_path / "rows", list(range(7)))
    again = RowFile(tmp_path / "rows", 7)
    assert again.is_finished
    assert list(again.missing()) == []
    again.finish()
    assert (tmp_path / "rows").read_bytes() == whole
    assert [row["row"] for row in again.rows()] == list(range(7))


def test_rows_that_are_missing_are_not_called_finished(tmp_path: Path) -> None:
    rows = RowFile(tmp_path / "rows", 7)
    rows.append(RESULTS[:5])
    with pytest.raises(ValueError, match="2 of 7 rows are missing"):
        rows.finish()


def test_a_row_that_came_twice_counts_once(tmp_path: Path) -> None:
    rows = RowFile(tmp_path / "rows", 7)
    rows.append([*RESULTS, RESULTS[2]])
    rows.finish()
    assert [row["row"] for row in rows.rows()] == list(range(7))
