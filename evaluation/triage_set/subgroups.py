"""The same figures for parts of the set: by skin, age, sex and source. A small part says little."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Figure, Rows
from evaluation.tone import band
from evaluation.triage_set.clinical_columns import age_of, fitzpatrick_of, sex_of
from evaluation.triage_set.figures import share
from evaluation.triage_set.labels import FOUR, SIX
from evaluation.triage_set.photographs import Photograph
from evaluation.triage_set.readings import Readings

AGE_BANDS = ((18, "0-17"), (40, "18-39"), (65, "40-64"), (121, "65+"))
NOT_GIVEN = "not given"

Part = Callable[[Photograph], str]


def _age_band(photograph: Photograph) -> str:
    age = age_of(photograph.columns)
    return NOT_GIVEN if age is None else next(name for below, name in AGE_BANDS if age < below)


PARTS: dict[str, Part] = {
    "fitzpatrick": lambda photograph: str(fitzpatrick_of(photograph.columns) or NOT_GIVEN),
    "age": _age_band,
    "sex": lambda photograph: sex_of(photograph.columns) or NOT_GIVEN,
    "source": lambda photograph: (photograph.columns.get("dataset") or "").strip() or NOT_GIVEN,
}


def by_class(readings: Readings) -> dict[str, Figure]:
    """Recall of each class that the set holds: the best of the four or of the six, by its kind."""
    best = np.where(np.isin(readings.labels, FOUR), readings.best_of(FOUR), readings.best_of(SIX))
    right = best == readings.labels
    return {
        label: share(right, rows, readings.groups)
        for label in (*FOUR, *SIX)
        if len(rows := readings.of(label))
    }


def by_part(readings: Readings) -> dict[str, dict[str, dict[str, Figure]]]:
    """For each attribute, each value that occurs: its figures."""
    attributes = {
        name: np.array([part(photograph) for photograph in readings.photographs], dtype=np.str_)
        for name, part in PARTS.items()
    } | {"ita": bands(readings)}
    return {
        name: {str(value): _figures(readings, np.flatnonzero(values == value)) for value in np.unique(values)}
        for name, values in attributes.items()
    }


def bands(readings: Readings) -> NDArray[np.str_]:
    """`dark`, `middle` or `light` for each photograph."""
    return np.array([band(angle) for angle in readings.ita], dtype=np.str_)


def _figures(readings: Readings, rows: Rows) -> dict[str, Figure]:
    truth, groups, yes = readings.labels, readings.groups, readings.says_mpox()

    def within(chosen: Rows) -> Rows:
        return np.intersect1d(rows, chosen)

    return {
        "accuracy4": share(readings.best_of(FOUR) == truth, within(readings.of(*FOUR)), groups),
        "mpox_sensitivity": share(yes, within(np.flatnonzero(truth == "mpox")), groups),
        "mpox_specificity": share(~yes, within(np.flatnonzero(truth != "mpox")), groups),
        "derm_accuracy": share(readings.best_of(SIX) == truth, within(readings.of(*SIX)), groups),
    }
