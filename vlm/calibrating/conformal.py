"""Split conformal prediction: sets that hold the truth in a stated share of cases.

The score is one minus the calibrated probability of the truth (Sadinle, Lei and Wasserman, Least Ambiguous
Set-Valued Classifiers, 2019). Photographs of one group are not exchangeable with those of others, the
groups are: each group counts as one, its photographs share its weight, and one more group, the new one, is
thought to lie beyond all (Lee, Barber and Willett, Distribution-free inference with hierarchical data, 2023).
With one photograph a group this is the usual quantile, the ceil((n + 1) coverage)-th smallest score.
"""

import numpy as np
from numpy.typing import NDArray

# A threshold is written with so many digits, always rounded down: rounding never takes a condition out.
DIGITS = 6
_ROUNDING = 1e-9


def conformal_threshold(
    probability_of_truth: NDArray[np.float64], groups: NDArray[np.str_], coverage: float = 0.9
) -> float:
    """The probability from which a condition belongs to the set, for a new photograph of a new group.

    0, all conditions, where the groups are too few for `coverage`: fewer than coverage / (1 - coverage).
    """
    order = np.argsort(-probability_of_truth, kind="stable")
    covered = np.cumsum(group_weights(groups)[order])
    needed = coverage * (len(np.unique(groups)) + 1)
    enough = np.flatnonzero(covered >= needed - _ROUNDING)
    if not len(enough):
        return 0.0
    threshold = float(probability_of_truth[order[enough[0]]])
    return float(np.floor(threshold * 10**DIGITS) / 10**DIGITS)


def group_weights(groups: NDArray[np.str_]) -> NDArray[np.float64]:
    """For each row one over the size of its group, so that every group counts as one."""
    _, member_of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(1 / sizes[member_of])
