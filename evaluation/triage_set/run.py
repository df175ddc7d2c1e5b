"""One evaluation from manifest to report: `metrics.json`, `report.html`, `plots/` in one folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.report import write_json
from evaluation.triage_set.model_readings import read_by_model
from evaluation.triage_set.operating_points import point_of_model, point_of_policy, point_of_text
from evaluation.triage_set.page import write_page
from evaluation.triage_set.photographs import Photograph, photographs_of
from evaluation.triage_set.predictions import read_predictions
from evaluation.triage_set.readings import Readings
from evaluation.triage_set.results import results_of
from evaluation.triage_set.run_file import same_run
from triage.policy import load_policy
from vlm.model import Model

# Counts up with every change of what is read from a photograph: rows of another version are not taken up.
VERSION = 1


@dataclass(frozen=True)
class Order:
    """What is to be evaluated, and where the results go. `operating_point` overrules the model's own."""

    manifest: Path
    images: Path
    out: Path
    split: str | None = None
    operating_point: str | None = None
    policy: Path | None = None


def evaluate_model(order: Order, model: Model) -> dict[str, Any]:
    """Let a model read the photographs, taking up a run of the same that was killed; return the metrics.

    Raises `EvaluationError` where the folder holds another run.
    """
    policy = load_policy(order.policy)
    photographs = photographs_of(order.manifest, order.images, order.split)
    point = point_of_text(order.operating_point) if order.operating_point else point_of_model(model, policy)
    made_with = _made_with(order, photographs) | {"model": dict(model.provenance)}
    same_run(order.out, made_with)
    readings = read_by_model(model, photographs, order.out / "readings.jsonl", point)
    return _written(order, readings, made_with)


def evaluate_predictions(order: Order, predictions: Path) -> dict[str, Any]:
    """Judge answers that were made elsewhere; return the metrics."""
    policy = load_policy(order.policy)
    photographs = photographs_of(order.manifest, order.images, order.split)
    point = point_of_text(order.operating_point) if order.operating_point else point_of_policy(policy)
    readings = read_predictions(predictions, photographs, point)
    made_with = _made_with(order, photographs) | {"predictions_sha256": _sha256(predictions)}
    return _written(order, readings, made_with)


def _written(order: Order, readings: Readings, made_with: dict[str, Any]) -> dict[str, Any]:
    metrics = results_of(readings, load_policy(order.policy)) | {"provenance": made_with}
    write_page(order.out, metrics, readings)
    write_json(order.out / "metrics.json", metrics)
    return metrics


def _made_with(order: Order, photographs: list[Photograph]) -> dict[str, Any]:
    """What decides the results, and no date: the same run gives the same bytes."""
    return {
        "manifest_sha256": _sha256(order.manifest),
        "split": order.split or "all",
        "photographs": len(photographs),
        "files_sha256": hashlib.sha256(
            "\n".join(_identity(each) for each in photographs).encode()
        ).hexdigest(),
        "version": VERSION,
    }


def _identity(photograph: Photograph) -> str:
    return f"{photograph.file} {_sha256(photograph.path)}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
