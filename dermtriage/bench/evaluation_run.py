"""Runs of `dermtriage.bench.evaluation`, in a process of their own: `python -m ... FOLDER DRAWS CSV ...`."""

import json
import sys
import time
from pathlib import Path

STARTED = time.monotonic()
BATCH = 64


def main() -> None:
    """Evaluate each file's rows; print seconds since the start and peak memory, one JSON object a file."""
    from evaluation.classification.labelled import read_labelled
    from evaluation.zeroshot.running import evaluate_zeroshot, task_of
    from evaluation.zeroshot.ways import way_of

    folder, draws, *tables = sys.argv[1:]
    for table in map(Path, tables):
        task = task_of(read_labelled(table), (), Path(folder))
        way = way_of("scored", Path(folder, "model"), "cpu", task.question, task.classes)
        evaluate_zeroshot(way, task, Path(folder, f"out-{table.stem}"), BATCH, int(draws))
        measured = {"seconds": time.monotonic() - STARTED, "peak_mb": peak_megabytes()}
        print(json.dumps(measured), flush=True)  # noqa: T201


def peak_megabytes() -> float:
    """The most memory that this process held; `ru_maxrss` would count what its parent held at the fork."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1024**2


if __name__ == "__main__":
    main()
