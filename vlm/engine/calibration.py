"""Calibration: how a model's scores become probabilities, read from `calibration.json` of a model folder.

Made on validation cases outside this room (`dermtriage evaluate calibrate`). Without the file the scores
stand as they are, and nothing is promised of them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from triage.findings import CONDITIONS, Condition
from vlm.errors import BrokenCheckpoint

FILE = "calibration.json"

Probability = Annotated[float, Field(ge=0, le=1)]


class Conformal(BaseModel):
    """Split conformal prediction: a set holds the truth in `coverage` of cases like those of validation.

    `threshold` is the calibrated probability from which a condition belongs to the set; `n` the groups of
    validation cases it rests on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    coverage: float = Field(default=0.9, gt=0, lt=1)
    threshold: Probability
    n: int = Field(ge=1)


class Calibration(BaseModel):
    """Scores are divided by `temperature`, then `bias` is added; both before the softmax over ten conditions.

    `version` stands in the provenance. `weights_sha256`, where given, says which weights it was made for.
    `operating_points` are the calibrated probabilities from which the model says yes to a condition.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1)
    weights_sha256: str | None = None
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    bias: dict[Condition, Annotated[float, Field(allow_inf_nan=False)]] = Field(default_factory=dict)
    operating_points: dict[Condition, Probability] = Field(default_factory=dict)
    conformal: Conformal | None = None

    @property
    def coverage(self) -> float | None:
        """Share of cases whose prediction set holds the truth; None without conformal calibration."""
        return None if self.conformal is None else self.conformal.coverage

    def applied(self, scores: Tensor) -> Tensor:
        """Log-probabilities (..., 10) from scores (..., 10) in `CONDITIONS` order."""
        bias = torch.tensor([self.bias.get(condition, 0.0) for condition in CONDITIONS], device=scores.device)
        return (scores / self.temperature + bias).log_softmax(-1)

    def prediction_set(self, probabilities: Sequence[float]) -> tuple[Condition, ...] | None:
        """Conditions that cannot be ruled out, by falling probability; None without conformal calibration.

        `probabilities` are calibrated, in `CONDITIONS` order. The set may be empty: nothing known fits.
        """
        if self.conformal is None:
            return None
        pairs = sorted(zip(probabilities, CONDITIONS, strict=True), key=lambda pair: -pair[0])
        return tuple(condition for p, condition in pairs if p >= self.conformal.threshold)


NONE = Calibration(version="none")


def calibration_of(folder: Path, revision: str) -> Calibration:
    """What the model folder holds, else `NONE`. Raises `BrokenCheckpoint` for a file that does not fit."""
    file = folder / FILE
    if not file.is_file():
        return NONE
    try:
        calibration = Calibration.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise BrokenCheckpoint(f"{file} is no calibration: {error}. Make it again or remove it") from None
    if calibration.weights_sha256 not in (None, revision):
        raise BrokenCheckpoint(
            f"{file}: weights_sha256 names other weights than these: calibrate again or remove it"
        )
    return calibration
