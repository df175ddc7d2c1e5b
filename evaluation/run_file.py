"""What a folder of results was begun with, so that a run is never continued with something else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.report import write_json

FILE = "run.json"


def begin(out: Path, run: Mapping[str, Any]) -> None:
    """Note in `out/run.json` what this run is made of, or find that the same was begun there before.

    Raises `EvaluationError` naming what differs. What cannot change a result, such as the batch size, does
    not belong into `run`.
    """
    file, now = out / FILE, json.loads(json.dumps(run))
    if not file.is_file():
        write_json(file, now)
        return
    before = json.loads(file.read_text(encoding="utf-8"))
    if differing := sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)):
        raise EvaluationError(
            f"{out} holds a run with another {', '.join(differing)}: give another --out, or remove the folder"
        )
