"""Zero-shot classification from a csv file to `metrics.json` and the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from evaluation.classification.labelled import Labelled, LabelledFile, refuse_missing
from evaluation.classification.metrics import NO_ANSWER
from evaluation.classification.outcome import Outcome, write_outcome
from evaluation.classification.streaming import made_ready, opened, unfinished_blocks
from evaluation.errors import EvaluationError
from evaluation.intervals import DRAWS
from evaluation.row_file import RowFile
from evaluation.run_file import begin
from evaluation.zeroshot.ways import Way
from vlm.devices import preparing_threads
from vlm.weights import sha256_of

QUESTION = "This is a skin lesion image. From the following categories: {names}, which one is the diagnosis?"
"""MM-Skin's own, so that its numbers can be compared with."""


@dataclass(frozen=True)
class Task:
    """Rows to classify, below `images`, into `classes`. Rows of other classes are counted in `left_out`."""

    rows: tuple[Labelled, ...]
    classes: tuple[str, ...]
    file: Path
    images: Path
    left_out: dict[str, int]

    @property
    def question(self) -> str:
        """What is asked about each photograph."""
        return QUESTION.format(names=", ".join(self.classes))


def task_of(labelled: LabelledFile, classes: Sequence[str], images: Path) -> Task:
    """The task of a file. Without `classes` they are the file's own, sorted; spelling must be the file's.

    Raises `EvaluationError` where fewer than two classes or no rows are left.
    """
    names = tuple(dict.fromkeys(classes)) or tuple(labelled.classes)
    rows = tuple(row for row in labelled.rows if row.label in names)
    if len(names) < 2 or not rows:
        raise EvaluationError(
            f"{labelled.path} has the classes {', '.join(labelled.classes)}; asked for: {', '.join(names)}. "
            "Give at least two, one of them in the file, with --classes or --dataset"
        )
    others = len(labelled.rows) - len(rows)
    left_out = labelled.left_out | ({"class not asked for": others} if others else {})
    return Task(rows, names, labelled.path, images, left_out)


def evaluate_zeroshot(way: Way, task: Task, out: Path, batch: int = 32, draws: int = DRAWS) -> dict[str, Any]:
    """Classify all rows; `out` gets `rows.jsonl`, metrics and report. Goes on where it was killed."""
    refuse_missing(task.rows, task.images)
    run = {
        "evaluation": "zeroshot",
        "variant": way.variant,
        "file": {task.file.name: sha256_of(task.file)},
        "rows": len(task.rows),
        "classes": list(task.classes),
        "question": task.question,
        "weights": way.provenance["weights_sha256"],
    }
    begin(out, run)
    results = RowFile(out / "rows.jsonl", len(task.rows))
    _classify(way, task, results, batch)
    outcome, unanswered = _outcome(task, results)
    facts = {"variant": way.variant, "unanswered": unanswered, "left_out": task.left_out}
    return write_outcome(
        out, "Zero-shot classification", outcome, facts, notes=way.notes,
        provenance={**way.provenance, "run": run}, draws=draws,
    )  # fmt: skip


def _classify(way: Way, task: Task, results: RowFile, batch: int) -> None:
    def ready(row: int) -> Any:
        return way.ready(opened(task.images / task.rows[row].file))

    threads = preparing_threads(torch.device(way.device)) if way.prepares_ahead else 0
    with tqdm(total=results.total, initial=results.done, desc="zero-shot", unit="image") as progress:
        for block, lacking, inputs in made_ready(unfinished_blocks(results, batch), ready, threads):
            said = dict(zip(block, way.classified(inputs), strict=True))
            results.append(
                (row, {"file": task.rows[row].file, "class": task.rows[row].label, **said[row]})
                for row in sorted(lacking)
            )
            progress.update(len(lacking))
    results.finish()


def _outcome(task: Task, results: RowFile) -> tuple[Outcome, int]:
    """Truth, predictions and probabilities of the finished rows, and how many rows have no answer."""
    numbers = {name: number for number, name in enumerate(task.classes)}
    predicted = np.full(len(task.rows), NO_ANSWER)
    scores = np.full((len(task.rows), len(numbers)), np.nan)
    for number, row in enumerate(results.rows()):
        predicted[number] = NO_ANSWER if row["answer"] is None else numbers[row["answer"]]
        scores[number] = row.get("scores", np.nan)
    truth = np.array([numbers[row.label] for row in task.rows])
    probabilities = None if np.isnan(scores).any() else _softmax(scores)
    groups = [row.group for row in task.rows]
    outcome = Outcome(task.classes, truth, predicted, probabilities, groups)
    return outcome, int((predicted == NO_ANSWER).sum())


def _softmax(scores: Any) -> Any:
    risen = np.exp(scores - scores.max(1, keepdims=True))
    return risen / risen.sum(1, keepdims=True)
