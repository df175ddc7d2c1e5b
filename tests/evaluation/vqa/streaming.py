"""`python -m tests.evaluation.vqa.streaming`: as many rows as the seed's largest csv, by a random model.

Writes `build/bench.json`: seconds for them, and how much more memory they take at the peak than 1,000 rows.
A run of its own process each, since a peak never falls.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.vqa import Options, evaluate
from tests.evaluation.vqa.drawn import pictures, rows, written
from tests.vlm.standard.tiny import llava

SEED_S_LARGEST = 28_039
FEW = 1000
IMAGES = 50
FILE = Path("build/bench.json")
MODULE = "tests.evaluation.vqa.streaming"


def prepared(folder: Path) -> Path:
    """A folder with a model of fewer than a million weights, and pictures."""
    pictures(folder / "images", IMAGES)
    (folder / "model").mkdir(parents=True)
    llava(folder / "model")
    return folder


def run(folder: Path, count: int) -> float:
    """Evaluate so many rows; this process's peak memory so far, in MB. Each row is its own group."""
    given = [row | {"group": row["id"]} for row in rows(count, IMAGES)]
    evaluate(
        Options(
            csv=written(folder / f"{count}.csv", given),
            images=folder / "images",
            model=str(folder / "model"),
            out=folder / f"out {count}",
            longest=2,
            at_once=32,
            device="cpu",
        )
    )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(folder: Path, *counts: int) -> list[float]:
    """The peaks after each of these runs, in one process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", MODULE, str(folder), *map(str, counts)],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return [float(peak) for peak in done.stdout.split()]


def bench() -> dict[str, float]:
    """Seconds and megabytes, written beside the other benches'."""
    with TemporaryDirectory() as name:
        folder = prepared(Path(name))
        [few] = alone(folder, FEW)
        begun = time.monotonic()
        [many] = alone(folder, SEED_S_LARGEST)
        measured = {
            "evaluate_vqa_seconds": round(time.monotonic() - begun, 1),
            "evaluate_vqa_more_mb_than_1000_rows": round(many - few, 1),
        }
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(kept | measured, indent=2, sort_keys=True) + "\n")
    return measured


if __name__ == "__main__":
    if len(sys.argv) > 2:
        for argument in sys.argv[2:]:
            print(run(Path(sys.argv[1]), int(argument)))
    else:
        print(json.dumps(bench(), indent=2))
