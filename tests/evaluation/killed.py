"""An evaluation in a process of its own, killed while it runs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PATIENCE_S = 150


def killed_half_way(arguments: Sequence[str | Path], unfinished: Path, rows: int) -> None:
    """`dermtriage evaluate ...`, killed (-9) when `unfinished` has at least so many whole lines."""
    command = [sys.executable, "-m", "dermtriage", "evaluate", *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | {"OMP_NUM_THREADS": "1"})
    until = time.monotonic() + PATIENCE_S
    try:
        while not unfinished.is_file() or unfinished.read_bytes().count(b"\n") < rows:
            assert process.poll() is None, f"it ended: {process.stderr.read()!r}"  # type: ignore[union-attr]
            assert time.monotonic() < until, "nothing was written"
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL
