"""Calibration: a temperature and a bias for each condition, read from `calibration.json` of a model folder.

Made on validation cases outside this room. Without the file the scores stand as they are.
"""

from pathlib import Path
from typing import Annotated

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from triage.findings import CONDITIONS, Condition
from vlm.errors import BrokenCheckpoint

FILE = "calibration.json"


class Calibration(BaseModel):
    """Scores are divided by `temperature`, then `bias` is added; both before the softmax over ten conditions.

    `version` stands in the provenance. `weights_sha256`, where given, says which weights it was made for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1)
    weights_sha256: str | None = None
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    bias: dict[Condition, Annotated[float, Field(allow_inf_nan=False)]] = Field(default_factory=dict)

    def applied(self, scores: Tensor) -> Tensor:
        """Log-probabilities (..., 10) from scores (..., 10) in `CONDITIONS` order."""
        bias = torch.tensor([self.bias.get(condition, 0.0) for condition in CONDITIONS], device=scores.device)
        return (scores / self.temperature + bias).log_softmax(-1)


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
