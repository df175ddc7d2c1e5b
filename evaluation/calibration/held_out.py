"""What a calibration is worth on groups that it never saw: everything is fitted anew without each fold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.calibration.rows import Table, Validation
from triage.findings import CONDITIONS
from vlm.calibrating import Rule, fit, folds


@dataclass(frozen=True)
class HeldOut:
    """For each row, by the fit without its group: (N, 10) each.

    `says_yes` is 1 or 0 at the condition's operating point, nan where that fit had none.
    """

    log_probabilities: Table
    in_set: NDArray[np.bool_]
    says_yes: Table


def held_out(rows: Validation, rule: Rule, coverage: float) -> HeldOut:
    """Grouped cross-validation of the whole procedure: kind of scaling, scaling, sets, operating points."""
    shape = rows.log_probabilities.shape
    found = HeldOut(np.empty(shape), np.zeros(shape, dtype=np.bool_), np.full(shape, np.nan))
    labels = rows.labels
    for rest, held in folds(rows.groups):
        fitted = fit(
            rows.log_probabilities[rest], labels[rest], rows.groups[rest], rule=rule, coverage=coverage
        )
        logs = fitted.scaling.applied(rows.log_probabilities[held])
        probabilities = np.exp(logs)
        found.log_probabilities[held] = logs
        found.in_set[held] = fitted.in_set(probabilities)
        for number, condition in enumerate(CONDITIONS):
            if condition in fitted.operating_points:
                found.says_yes[held, number] = probabilities[:, number] >= fitted.operating_points[condition]
    return found
