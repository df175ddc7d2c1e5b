"""Which probability of mpox is a yes: the model's own, else the policy's; or what the caller says."""

import json
from pathlib import Path
from typing import Any

from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.readings import OperatingPoint
from triage.policy import Policy
from vlm.model import Model


def point_of_model(model: Model, policy: Policy) -> OperatingPoint:
    """What the model's calibration states for mpox; without it, where the policy begins to suspect."""
    calibration = getattr(model, "calibration", None)
    points = getattr(calibration, "operating_points", None) or {}
    if "mpox" in points:
        return OperatingPoint(float(points["mpox"]), "the model's own, from its calibration.json")
    return point_of_policy(policy)


def point_of_policy(policy: Policy) -> OperatingPoint:
    """Where the policy begins to suspect mpox."""
    return OperatingPoint(
        policy.thresholds.suspected["mpox"], f"policy {policy.label}, thresholds.suspected.mpox"
    )


def point_of_text(text: str) -> OperatingPoint:
    """A probability, or a JSON file: `{"mpox": p}` or `{"operating_points": {"mpox": p}}`.

    Raises `EvaluationError` for anything else.
    """
    try:
        return OperatingPoint(_probability(float(text)), "given by the caller")
    except ValueError:
        return OperatingPoint(_from_file(Path(text)), f"given by the caller in {Path(text).name}")


def _from_file(path: Path) -> float:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return _probability(float(content.get("operating_points", content)["mpox"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise EvaluationError(
            f'operating point {str(path)!r}: give a probability, or a JSON file with {{"mpox": p}}'
        ) from None


def _probability(value: float) -> float:
    if not 0 <= value <= 1:
        raise EvaluationError(f"operating point {value:g} is no probability: give a number from 0 to 1")
    return value
