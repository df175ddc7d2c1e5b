"""Memory does not grow with the number of rows."""

from pathlib import Path

from tests.evaluation.vqa.streaming import alone, prepared

MORE_MB = 100


def test_three_times_as_many_rows_take_little_more_memory(tmp_path: Path) -> None:
    few, many = alone(prepared(tmp_path), 200, 600)
    assert (tmp_path / "out 600" / "scores.jsonl").read_text().count("\n") == 600
    assert many - few <= MORE_MB
