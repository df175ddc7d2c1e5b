"""Memory does not grow with the number of rows."""

from pathlib import Path

from tests.evaluation.vqa.streaming import alone, prepared

MORE_MB = 100


def test_three_thousand_rows_take_little_more_memory_than_three_hundred(tmp_path: Path) -> None:
    few, many = alone(prepared(tmp_path), 300, 3000)
    assert (tmp_path / "out 3000" / "scores.jsonl").read_text().count("\n") == 3000
    assert many - few <= MORE_MB
