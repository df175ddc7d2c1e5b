"""A model's readings of a set of photographs, in all views, in a file that a killed run goes on with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from evaluation.row_file import RowFile
from evaluation.tone import ita
from evaluation.triage_set.photographs import Photograph
from evaluation.triage_set.readings import Floats, OperatingPoint, Readings
from evaluation.triage_set.views import VIEWS, View, shown
from triage.findings import CONDITIONS, Findings
from vlm.model import Model

# What triage looks at; texts and pictures would only fill the file.
TOLD = set(Findings.model_fields) - {"explanation", "saliency", "provenance"}


def read_by_model(
    model: Model, photographs: Sequence[Photograph], file: Path, operating_point: OperatingPoint
) -> Readings:
    """Read what `file` lacks, with a progress bar.

    The views of one photograph are read in one call, and no other photograph with them: whatever the order,
    and wherever a run was killed, the same photograph gives the same bits.
    """
    rows = RowFile(file, len(photographs))
    missing = list(rows.missing())
    with tqdm(total=len(photographs), initial=rows.done, desc="photographs", unit="") as bar:
        for number in missing:
            rows.append([(number, _read(model, photographs[number]))])
            bar.update()
    rows.finish()
    found = list(rows.rows())
    return Readings(
        photographs,
        {view: _answers(found, view) for view in VIEWS},
        np.array([row["ita"] for row in found]),
        [Findings.model_validate(row["findings"]) for row in found],
        operating_point,
    )


def _read(model: Model, photograph: Photograph) -> dict[str, Any]:
    image = photograph.opened()
    views = shown(image, photograph.clinical)
    found = model.assess([each.presentation for each in views])
    return {
        "file": photograph.file,
        "ita": ita(image),
        "findings": found[0].model_dump(mode="json", include=TOLD),
        "views": {each.view: _probabilities(findings) for each, findings in zip(views, found, strict=True)},
    }


def _probabilities(findings: Findings) -> list[float]:
    return [findings.probability_of(condition) for condition in CONDITIONS]


def _answers(rows: Sequence[dict[str, Any]], view: View) -> Floats:
    """A view that was left out since it equals the plain one is the plain one."""
    return np.array([row["views"].get(view, row["views"]["plain"]) for row in rows])
