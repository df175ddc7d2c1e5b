"""The probe itself: standardised features, logistic regression, its strength by cross-validation.

Cross-validation stays within the rows that are fitted and keeps groups together: photographs of one lesion
are never on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from evaluation.errors import EvaluationError
from evaluation.intervals import SEED

# SkinVL's grid of C, the inverse strength of the penalty.
GRID = tuple(float(c) for c in 10 ** np.linspace(-5, 1, 10))
FOLDS = 5
MOST_STEPS = 1000


@dataclass(frozen=True)
class Probe:
    """A fitted probe, its C and the cross-validated log-loss of each C."""

    fitted: Pipeline
    c: float
    losses: dict[float, float]

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """(N, K), in the order of the classes' numbers."""
        return _probabilities(self.fitted, features)


def fit(features: NDArray[np.float32], truth: NDArray[np.int64], groups: Sequence[str]) -> Probe:
    """Search C over the grid, then fit all rows with the best. `truth` counts classes from 0 without a gap.

    Raises `EvaluationError` where a class has a single group: it cannot be fitted and tested.
    """
    parts = list(_folds(truth, groups))
    losses = {c: _loss(c, features, truth, parts) for c in GRID}
    best = min(losses, key=lambda c: (losses[c], c))
    return Probe(_pipeline(best).fit(features, truth), best, losses)


def _folds(truth: NDArray[np.int64], groups: Sequence[str]) -> Any:
    fewest = min(len({g for g, k in zip(groups, truth, strict=True) if k == one}) for one in np.unique(truth))
    if fewest < 2 or len(np.unique(truth)) < 2:
        raise EvaluationError(
            "a probe needs two classes with two groups each in the split that is fitted: leave out the class "
            "that has fewer, or name another split with --fit"
        )
    splitter = StratifiedGroupKFold(min(FOLDS, fewest), shuffle=True, random_state=SEED)
    return splitter.split(np.zeros(len(truth)), truth, list(groups))


def _loss(c: float, features: NDArray[np.float32], truth: NDArray[np.int64], parts: list[Any]) -> float:
    """Log-loss of every row by the probe that did not see its group; a class unseen there gets nothing."""
    probabilities = np.zeros((len(truth), truth.max() + 1))
    for inside, outside in parts:
        fitted = _pipeline(c).fit(features[inside], truth[inside])
        probabilities[outside[:, None], fitted.classes_[None]] = _probabilities(fitted, features[outside])
    return float(log_loss(truth, probabilities, labels=range(truth.max() + 1)))


def _probabilities(fitted: Pipeline, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """In double precision, so that rows sum to one as closely as scikit-learn's metrics expect."""
    found: NDArray[np.float64] = fitted.predict_proba(features).astype(np.float64)
    found /= found.sum(1, keepdims=True)
    return found


def _pipeline(c: float) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=MOST_STEPS, random_state=SEED))
