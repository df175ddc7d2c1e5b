"""The figures of a calibration, before and after, each with its interval over groups.

`after` is always held out: no row is judged by a calibration that was fitted to its group.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.calibration.held_out import HeldOut
from evaluation.calibration.rows import Table, Validation
from evaluation.intervals import Figure, Rows, with_interval
from evaluation.reliability import Bin, bins, error_of
from evaluation.triage_set.calibration import BINS
from evaluation.triage_set.labels import FOUR
from triage.findings import CONDITIONS, Condition
from vlm.calibrating import group_weights


def scores(rows: Validation, logs: Table, draws: int) -> dict[str, Figure]:
    """Of rows with one true condition: `ece` (top label of the four pox conditions, on their rows), `ece10`
    (of all ten), both in 5 equal-mass bins; `log_loss` in nats; `brier`, summed over the ten, 0 to 2.
    """
    truth, kept = rows.labels[rows.decided], logs[rows.decided]
    return {
        "ece": _calibration_error(rows, logs, FOUR, draws),
        "ece10": _calibration_error(rows, logs, CONDITIONS, draws),
        "log_loss": _mean(-(truth * kept).sum(axis=1), rows.groups[rows.decided], draws),
        "brier": _mean(((np.exp(kept) - truth) ** 2).sum(axis=1), rows.groups[rows.decided], draws),
    }


def reliability_bins(rows: Validation, logs: Table, conditions: Sequence[Condition]) -> list[Bin]:
    """Confidence and share of right answers, in bins of equal mass."""
    return bins(*_top(rows, logs, conditions)[1:], BINS)


def coverage(rows: Validation, held: HeldOut, set_above: int, draws: int) -> dict[str, Any]:
    """How often a set holds the truth: of photographs of one group drawn, which is promised, and of all rows.

    `low_confidence`: the share of sets that are empty or larger than `set_above`.
    """
    decided = rows.decided
    groups, sizes = rows.groups[decided], held.in_set[decided].sum(axis=1)
    holds = held.in_set[decided][rows.labels[decided] == 1]
    weights = group_weights(groups)
    return {
        "of_groups": with_interval(
            lambda drawn: float(np.average(holds[drawn], weights=weights[drawn])), groups, draws=draws
        ),
        "of_rows": _mean(holds, groups, draws),
        "by_condition": {
            condition: _mean(holds[own], groups[own], draws)
            for condition in CONDITIONS
            if (own := rows.classes[decided] == condition).any()
        },
        "set_size": _mean(sizes, groups, draws),
        "sets_of_size": {str(size): int((sizes == size).sum()) for size in np.unique(sizes)},
        "low_confidence": _mean((sizes == 0) | (sizes > set_above), groups, draws),
    }


def at_operating_points(rows: Validation, held: HeldOut, draws: int) -> dict[Condition, dict[str, Figure]]:
    """Sensitivity and specificity for each condition; rows undecided between it and another are left out."""
    labels, found = rows.labels, {}
    for number, condition in enumerate(CONDITIONS):
        said, label = held.says_yes[:, number], labels[:, number]
        ill, others = (np.flatnonzero((label == is_case) & ~np.isnan(said)) for is_case in (1, 0))
        if len(ill) and len(others):
            found[condition] = {
                "sensitivity": _mean(said[ill], rows.groups[ill], draws),
                "specificity": _mean(1 - said[others], rows.groups[others], draws),
            }
    return found


def _calibration_error(rows: Validation, logs: Table, conditions: Sequence[Condition], draws: int) -> Figure:
    own, confidence, right = _top(rows, logs, conditions)

    def measure(drawn: Rows) -> float:
        return error_of(bins(confidence[drawn], right[drawn], BINS))

    return with_interval(measure, rows.groups[own], draws=draws)


def _top(
    rows: Validation, logs: Table, conditions: Sequence[Condition]
) -> tuple[Rows, Table, NDArray[np.bool_]]:
    """Rows of these conditions, the best one's probability among them, and whether it is right."""
    own = rows.of(conditions)
    among = np.exp(logs[own][:, [CONDITIONS.index(condition) for condition in conditions]])
    best = np.asarray(conditions)[among.argmax(axis=1)]
    return own, among.max(axis=1, initial=0) / among.sum(axis=1), best == rows.classes[own]


def _mean(values: NDArray[Any], groups: NDArray[np.str_], draws: int) -> Figure:
    return with_interval(lambda drawn: float(values[drawn].mean()), groups, draws=draws)
