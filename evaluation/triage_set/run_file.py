"""What a run was made with, in its folder: a run that is taken up again must be the same run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation.report import write_json
from evaluation.triage_set.errors import EvaluationError

NAME = "run.json"


def same_run(out: Path, made_with: Mapping[str, Any]) -> None:
    """Write down what this run is made with, or see that the one begun here was made with the same.

    Raises `EvaluationError`, which names what differs.
    """
    file, now = out / NAME, json.loads(json.dumps(made_with))
    if not file.is_file():
        write_json(file, now)
        return
    before = json.loads(file.read_text(encoding="utf-8"))
    differs = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
    if differs:
        raise EvaluationError(
            f"{out} holds a run with another {', '.join(differs)}: give another --out, or empty it"
        )
