"""One evaluation from manifest to report: `metrics.json`, `report.html`, `plots/` in one folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.report import write_json
from evaluation.run_file import begin
from evaluation.triage_set.model_readings import read_by_model
from evaluation.triage_set.operating_points import point_of_model, point_of_policy, point_of_text
from evaluation.triage_set.page import write_page
from evaluation.triage_set.photographs import Photograph, photographs_of
from evaluation.triage_set.predictions import read_predictions
from evaluation.triage_set.readings import Readings
from evaluation.triage_set.results import results_of
from triage.policy import load_policy
from vlm.model import Model
from vlm.weights import sha256_of

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
    begin(order.out, made_with)
    readings = read_by_model(model, photographs, order.out / "readings.jsonl", point)
    return _written(order, readings, made_with)


def evaluate_predictions(order: Order, predictions: Path) -> dict[str, Any]:
    """Judge answers that were made elsewhere; return the metrics."""
    policy = load_policy(order.policy)
    photographs = photographs_of(order.manifest, order.images, order.split)
    point = point_of_text(order.operating_point) if order.operating_point else point_of_policy(policy)
    readings = read_predictions(predictions, photographs, point)
    made_with = _made_with(order, photographs) | {"predictions_sha256": sha256_of(predictions)}
    return _written(order, readings, made_with)


def _written(order: Order, readings: Readings, made_with: dict[str, Any]) -> dict[str, Any]:
    metrics = results_of(readings, load_policy(order.policy)) | {"provenance": made_with}
    write_page(order.out, metrics, readings)
    write_json(order.out / "metrics.json", metrics)
    return metrics


def _made_with(order: Order, photographs: list[Photograph]) -> dict[str, Any]:
    """What decides the results, and no date: the same run gives the same bytes."""
    return {
        "manifest_sha256": sha256_of(order.manifest),
        "split": order.split or "all",
        "photographs": len(photographs),
        "files_sha256": hashlib.sha256(
            "\n".join(_identity(each) for each in photographs).encode()
        ).hexdigest(),
        "version": VERSION,
    }


def _identity(photograph: Photograph) -> str:
    return f"{photograph.file} {sha256_of(photograph.path)}"
