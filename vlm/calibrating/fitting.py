"""A whole calibration from validation rows: scaling, operating points, conformal threshold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.facts import INFECTIONS, Suspicion
from triage.findings import CONDITIONS, Condition
from vlm.calibrating.conformal import conformal_threshold
from vlm.calibrating.operating import Rule, operating_point
from vlm.calibrating.scaling import Chosen, Groups, Scaling, Table, choose_scaling

COVERAGE = 0.9
AT_90 = Rule(specificity=0.9)


@dataclass(frozen=True)
class Fitted:
    """A calibration with what it was chosen by. `infection` is the point of the three infections together.

    A condition without validation cases has no operating point.
    """

    chosen: Chosen
    rule: Rule
    coverage: float
    threshold: float
    groups: int
    operating_points: dict[Condition, float] = field(default_factory=dict)
    infection: float | None = None

    @property
    def scaling(self) -> Scaling:
        """From scores to calibrated probabilities."""
        return self.chosen.scaling

    @property
    def suspicions(self) -> dict[Suspicion, float]:
        """All points, `infection` among them, as a policy names them."""
        found: dict[Suspicion, float] = dict(self.operating_points.items())
        return found if self.infection is None else found | {"infection": self.infection}

    def in_set(self, probabilities: Table) -> NDArray[np.bool_]:
        """Which conditions (N, 10) belong to the prediction set."""
        return probabilities >= self.threshold

    def as_file(self, version: str, weights_sha256: str | None = None) -> dict[str, Any]:
        """What `calibration.json` holds: fields of `vlm.engine.calibration.Calibration`."""
        bias = self.scaling.bias
        return {
            "version": version,
            "weights_sha256": weights_sha256,
            "temperature": self.scaling.temperature,
            "bias": dict(zip(CONDITIONS, bias.tolist(), strict=True)) if bias.any() else {},
            "operating_points": dict(self.operating_points),
            "conformal": {"coverage": self.coverage, "threshold": self.threshold, "n": self.groups},
        }


def fit(
    log_probabilities: Table,
    labels: Table,
    groups: Groups,
    *,
    rule: Rule = AT_90,
    coverage: float = COVERAGE,
) -> Fitted:
    """Calibrate on these rows. By default the points lie at a specificity of 0.9.

    The scaling uses every row; a row undecided between conditions is no case of them, no other either, and
    does not count for the sets. The conformal scores are out of fold, for the rows that a scaling was fitted
    to look surer than new ones. Raises `ValueError` for fewer than two groups or no decided row.
    """
    chosen = choose_scaling(log_probabilities, labels, groups)
    decided = labels.max(axis=1) == 1
    if not decided.any():
        raise ValueError("no row has a decided label: a calibration needs some")
    truth = np.exp(chosen.out_of_fold[decided])[labels[decided] == 1]
    probabilities = np.exp(chosen.scaling.applied(log_probabilities))
    infections = [CONDITIONS.index(condition) for condition in INFECTIONS]
    return Fitted(
        chosen=chosen,
        rule=rule,
        coverage=coverage,
        threshold=conformal_threshold(truth, groups[decided], coverage),
        groups=len(np.unique(groups[decided])),
        operating_points=dict(_points(probabilities, labels, rule)),
        infection=_point(probabilities[:, infections].sum(axis=1), labels[:, infections].sum(axis=1), rule),
    )


def _points(probabilities: Table, labels: Table, rule: Rule) -> Iterator[tuple[Condition, float]]:
    for number, condition in enumerate(CONDITIONS):
        point = _point(probabilities[:, number], labels[:, number], rule)
        if point is not None:
            yield condition, point


def _point(probability: Table, label: Table, rule: Rule) -> float | None:
    """None where there are no cases or no others."""
    sure = (label == 0) | (label == 1)
    is_case = label[sure] == 1
    if is_case.all() or not is_case.any():
        return None
    return operating_point(probability[sure], is_case, specificity=rule.specificity, costs=rule.costs)
