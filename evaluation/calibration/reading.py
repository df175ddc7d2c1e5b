"""Validation rows from a model that reads the photographs, by its scores before any calibration."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from evaluation.calibration.answers import LEAST
from evaluation.calibration.rows import Validation
from evaluation.row_file import RowFile
from evaluation.triage_set.photographs import Photograph
from triage.findings import CONDITIONS
from vlm.engine.assessor import Assessor
from vlm.engine.calibration import NONE
from vlm.model import Model
from vlm.presentation import Presentation


def rows_of_model(model: Model, photographs: Sequence[Photograph], file: Path) -> Validation:
    """Read what `file` lacks, with a progress bar, one photograph at a time: no other changes its bits."""
    plain = uncalibrated(model)
    rows = RowFile(file, len(photographs))
    missing = list(rows.missing())
    with tqdm(total=len(photographs), initial=rows.done, desc="photographs", unit="") as bar:
        for number in missing:
            rows.append([(number, _read(plain, photographs[number]))])
            bar.update()
    rows.finish()
    table = np.log(np.maximum([row["probabilities"] for row in rows.rows()], LEAST))
    return Validation(
        table - np.logaddexp.reduce(table, axis=1, keepdims=True),
        np.array([photograph.label for photograph in photographs]),
        np.array([photograph.group for photograph in photographs]),
    )


def uncalibrated(model: Model) -> Model:
    """The same model without a calibration that it has already, and without what costs time only here."""
    if isinstance(model, Assessor):
        model.calibration = NONE
        quick = {"vlm_saliency": False, "vlm_image_dependence": 0.0}
        model.settings = model.settings.model_copy(update=quick)
    return model


def _read(model: Model, photograph: Photograph) -> dict[str, Any]:
    (found,) = model.assess([Presentation((photograph.opened(),), photograph.clinical)])
    return {
        "file": photograph.file,
        "probabilities": [found.probability_of(condition) for condition in CONDITIONS],
    }
