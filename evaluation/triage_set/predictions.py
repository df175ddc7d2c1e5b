"""Answers that were made elsewhere, such as those of a cross-validation to the part each network never saw.

A csv file with `file`, `view` and a column of calibrated probabilities for each of the ten conditions. `view`
is `plain` (wanted for every photograph), `lighter` or `darker`; without the column all rows are plain.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from evaluation.tone import ita
from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.photographs import LISTED, Photograph
from evaluation.triage_set.readings import Floats, OperatingPoint, Readings
from evaluation.triage_set.views import VIEWS
from triage.findings import CONDITIONS, Findings

SUM_WITHIN = 0.01


def read_predictions(
    file: Path, photographs: Sequence[Photograph], operating_point: OperatingPoint
) -> Readings:
    """The answers of `file` to these photographs. Rows of other files are left alone.

    Raises `EvaluationError`, which names the row or lists the photographs without an answer.
    """
    said = _rows(file)
    missing = [each.file for each in photographs if (each.file, "plain") not in said]
    if missing:
        raise EvaluationError(
            f"{file}: no plain row for {len(missing)} of {len(photographs)} photographs: "
            f"{', '.join(missing[:LISTED])}"
        )
    nothing = np.full(len(CONDITIONS), np.nan)
    return Readings(
        photographs,
        {view: np.array([said.get((each.file, view), nothing) for each in photographs]) for view in VIEWS},
        np.array([ita(each.opened()) for each in tqdm(photographs, desc="tones", unit="")]),
        [_findings(said[each.file, "plain"], operating_point) for each in photographs],
        operating_point,
    )


def _findings(probabilities: Floats, point: OperatingPoint) -> Findings:
    pairs = zip(CONDITIONS, probabilities, strict=True)
    return Findings.model_validate(
        {
            "findings": [{"condition": condition, "probability": p} for condition, p in pairs],
            "operating_points": {"mpox": point.threshold},
        }
    )


def _rows(file: Path) -> dict[tuple[str, str], Floats]:
    said: dict[tuple[str, str], Floats] = {}
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if missing := {"file", *CONDITIONS} - set(reader.fieldnames or ()):
            raise EvaluationError(f"{file}: no column {', '.join(sorted(missing))}; add it")
        for row in reader:
            key = row["file"], row.get("view") or "plain"
            where = f"{file}, line {reader.line_num}"
            if key[1] not in VIEWS:
                raise EvaluationError(f"{where}: unknown view {key[1]!r}; use {', '.join(VIEWS)}")
            if key in said:
                raise EvaluationError(f"{where}: {key[0]} has a row of view {key[1]} already; keep one")
            said[key] = _probabilities(row, where)
    return said


def _probabilities(row: dict[str, str], where: str) -> Floats:
    try:
        values = np.array([float(row[condition]) for condition in CONDITIONS])
    except (TypeError, ValueError):
        raise EvaluationError(f"{where}: a probability is no number; write all ten") from None
    if not ((values >= 0) & (values <= 1)).all() or abs(values.sum() - 1) > SUM_WITHIN:
        raise EvaluationError(
            f"{where}: the ten are no probabilities that sum to 1 (they sum to {values.sum():g})"
        )
    return values
