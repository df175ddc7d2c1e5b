"""From scores to probabilities: one temperature, and where it helps a bias for each condition.

Both are fitted to soft labels, so that half of one condition and half of another is a label like any. Guo et
al., On Calibration of Modern Neural Networks (2017); the bias is their vector scaling without its slopes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.model_selection import GroupKFold

Table = NDArray[np.float64]
Groups = NDArray[np.str_]

ALONE, WITH_BIAS = "temperature", "temperature and bias"
KINDS = {ALONE: False, WITH_BIAS: True}

FOLDS = 5
SEED = 20240620
# A bias has a normal prior around 0 with this variance, so that few photographs cannot move it far.
BIAS_VARIANCE = 0.5
# Of the logarithm of the temperature: 0.02 to 50.
BOUNDS = (-3.9, 3.9)


@dataclass(frozen=True)
class Scaling:
    """Scores are divided by `temperature`, then `bias` (10) is added, before the softmax."""

    temperature: float
    bias: Table

    def applied(self, scores: Table) -> Table:
        """Log-probabilities (N, 10) from scores (N, 10)."""
        return np.asarray(log_softmax(scores / self.temperature + self.bias, axis=1))


@dataclass(frozen=True)
class Chosen:
    """A scaling with what spoke for it: log-loss of each kind on groups that it was not fitted to.

    `out_of_fold` (N, 10): log-probabilities of each row by the chosen kind, fitted without the row's group.
    """

    kind: str
    scaling: Scaling
    log_loss: dict[str, float]
    out_of_fold: Table


def log_loss(log_probabilities: Table, labels: Table) -> float:
    """Mean cross-entropy in nats of soft labels (N, 10)."""
    return float(-(labels * log_probabilities).sum(axis=1).mean())


def fit_temperature(log_probabilities: Table, labels: Table) -> float:
    """The temperature of least log-loss. Both (N, 10); labels sum to 1 in each row."""
    return fit_scaling(log_probabilities, labels, with_bias=False).temperature


def fit_scaling(scores: Table, labels: Table, *, with_bias: bool) -> Scaling:
    """The scaling of least log-loss; a bias is held near 0 by its prior."""
    rows, conditions = scores.shape

    def loss_and_slope(parameters: Table) -> tuple[float, Table]:
        scaled = scores / np.exp(parameters[0])
        bias = parameters[1:] if with_bias else np.zeros(conditions)
        fitted = log_softmax(scaled + bias, axis=1)
        apart = np.exp(fitted) - labels
        loss = log_loss(fitted, labels) + (bias**2).sum() / (2 * BIAS_VARIANCE * rows)
        to_bias = apart.mean(axis=0) + bias / (BIAS_VARIANCE * rows)
        to_temperature = -(apart * scaled).sum(axis=1).mean()
        return loss, np.array([to_temperature, *(to_bias if with_bias else ())])

    start = np.zeros(1 + conditions * with_bias)
    bounds = [BOUNDS, *([(None, None)] * (len(start) - 1))]
    found = minimize(loss_and_slope, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Scaling(float(np.exp(found[0])), found[1:] if with_bias else np.zeros(conditions))


def choose_scaling(scores: Table, labels: Table, groups: Groups) -> Chosen:
    """A bias is taken only where it surely lowers the log-loss of groups that it was not fitted to.

    Surely: by more than one standard error of the gain over groups. Else the simpler kind stands.
    """
    held_out = {kind: _out_of_fold(scores, labels, groups, bias) for kind, bias in KINDS.items()}
    losses = {kind: log_loss(table, labels) for kind, table in held_out.items()}
    gain = (labels * (held_out[WITH_BIAS] - held_out[ALONE])).sum(axis=1)
    kind = WITH_BIAS if gain.mean() > _standard_error(gain, groups) else ALONE
    return Chosen(kind, fit_scaling(scores, labels, with_bias=KINDS[kind]), losses, held_out[kind])


def _standard_error(values: Table, groups: Groups) -> float:
    """Of the mean over rows, whose groups are independent and whose rows within a group are not."""
    _, member_of = np.unique(groups, return_inverse=True)
    apart = np.bincount(member_of, weights=values - values.mean())
    return float(np.sqrt((apart**2).sum()) / len(values))


def folds(groups: Groups) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to fit to and rows held out, whole groups together; the same for any order of the rows.

    Raises `ValueError` for fewer than two groups.
    """
    count = min(FOLDS, len(np.unique(groups)))
    if count < 2:
        raise ValueError("a single group cannot be held out: give rows of at least two groups")
    return list(GroupKFold(count, shuffle=True, random_state=SEED).split(groups, groups=groups))


def _out_of_fold(scores: Table, labels: Table, groups: Groups, with_bias: bool) -> Table:
    table = np.empty_like(scores)
    for rest, held in folds(groups):
        table[held] = fit_scaling(scores[rest], labels[rest], with_bias=with_bias).applied(scores[held])
    return table
