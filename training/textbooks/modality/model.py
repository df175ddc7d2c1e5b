"""A small model of the modality, trained on what a person checked, and its worth on books it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.textbooks.modality.rules import probabilities
from training.textbooks.modality.words import words_for
from training.textbooks.records import MODALITIES, Modality

# Fewer of a modality teach nothing: until then the rules stand.
FEWEST = 8
FOLDS = 5


@dataclass(frozen=True)
class Example:
    """A measured pair; `group`: pictures of one group are never on both sides of a fold."""

    features: tuple[float, ...]
    caption: str
    group: str = ""
    modality: Modality | None = None


class ModalityModel:
    """Guesses by the rules until two modalities have `FEWEST` checks each; then by what was learnt."""

    def __init__(self, checked: Sequence[Example]) -> None:
        counts = {one: sum(example.modality == one for example in checked) for one in MODALITIES}
        self.learnt = tuple(one for one, count in counts.items() if count >= FEWEST)
        self._fitted: Any = None
        if len(self.learnt) >= 2:
            taught = [example for example in checked if example.modality in self.learnt]
            self._fitted = _fitted(taught)

    def guess(self, example: Example) -> tuple[Modality, float]:
        """The likeliest modality and its probability."""
        by_rule = probabilities(example.features, example.caption) if example.features else None
        if by_rule is None:
            return "clinical", 0.0
        likeliest = max(by_rule, key=by_rule.__getitem__)
        # What was never checked cannot be learnt: there the rules still speak.
        if self._fitted is None or (likeliest not in self.learnt and by_rule[likeliest] > 0.8):
            return likeliest, by_rule[likeliest]
        learnt = self._fitted.predict_proba(_matrix([example]))[0]
        best = int(np.argmax(learnt))
        return self._fitted.classes_[best], float(learnt[best])


def cross_validated(checked: Sequence[Example]) -> list[tuple[Example, Modality]]:
    """Each checked pair with the guess of a model that saw none of its group; empty with too few groups."""
    from sklearn.model_selection import GroupKFold

    groups = [example.group for example in checked]
    folds = min(FOLDS, len(set(groups)))
    if folds < 2:
        return []
    guessed = []
    for taught, asked in GroupKFold(folds).split(checked, groups=groups):
        model = ModalityModel([checked[number] for number in taught])
        guessed += [(checked[number], model.guess(checked[number])[0]) for number in asked]
    return guessed


def _fitted(taught: Sequence[Example]) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000))
    return model.fit(_matrix(taught), [example.modality for example in taught])


def _matrix(examples: Sequence[Example]) -> NDArray[np.float64]:
    rows = []
    for example in examples:
        by_rule = probabilities(example.features, example.caption)
        rows.append([*example.features, *words_for(example.caption), *by_rule.values()])
    return np.asarray(rows, dtype=np.float64)
