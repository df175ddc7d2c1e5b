"""3,000 rows take hardly more memory than 200, by the same code that `make bench-evaluate` runs.

Both in one process of their own: its peak never falls, so that what 3,000 rows need more is what it rises by.
"""

from pathlib import Path

import pytest

from dermtriage.bench.evaluation import MEGABYTES, prepare, run


@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    prepare(tmp_path)
    few, many = run(tmp_path, 200, 3000, draws=10)
    assert MEGABYTES.reached(many.peak_mb - few.peak_mb)
    assert (tmp_path / "out-3000" / "rows.jsonl").read_bytes().count(b"\n") == 3000
