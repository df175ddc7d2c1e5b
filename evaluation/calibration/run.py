"""One calibration from validation rows to the files of a folder."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evaluation.calibration.figures import at_operating_points, coverage, scores
from evaluation.calibration.held_out import HeldOut, held_out
from evaluation.calibration.page import write_page
from evaluation.calibration.policy_fragment import fragment
from evaluation.calibration.rows import Validation
from evaluation.intervals import DRAWS, Figure
from evaluation.report import write_json
from evaluation.report.whole import write_whole
from evaluation.triage_set.errors import EvaluationError
from triage.policy import Policy
from vlm.calibrating import Fitted, Rule, fit

UNDECIDED = "half of each condition for the scaling, no case for mpox, left out of sets and figures"


@dataclass(frozen=True)
class Wanted:
    """How to calibrate, and what the results are named and made with."""

    rule: Rule
    coverage: float
    policy: Policy
    weights_sha256: str | None
    provenance: dict[str, Any]
    version: str | None = None
    draws: int = DRAWS


def calibrate(rows: Validation, wanted: Wanted, out: Path) -> dict[str, Any]:
    """Write `calibration.json`, `policy.yaml`, `metrics.json`, `report.html`, `plots/`; return the metrics.

    Raises `EvaluationError` for rows that no calibration can be made of.
    """
    try:
        fitted = fit(
            rows.log_probabilities, rows.labels, rows.groups, rule=wanted.rule, coverage=wanted.coverage
        )
        held = held_out(rows, wanted.rule, wanted.coverage)
    except ValueError as error:
        raise EvaluationError(f"these rows make no calibration: {error}") from None
    metrics = _metrics(rows, fitted, held, wanted)
    write_page(out, metrics, rows, held)
    write_whole(out / "policy.yaml", fragment(fitted, wanted.policy).encode())
    write_json(out / "metrics.json", metrics)
    write_json(out / "calibration.json", _file(fitted, wanted))
    return metrics


def _file(fitted: Fitted, wanted: Wanted) -> dict[str, Any]:
    """Named by its content where the caller gives no name: the same calibration, the same version."""
    unnamed = fitted.as_file("", wanted.weights_sha256)
    content = hashlib.sha256(json.dumps(unnamed, sort_keys=True).encode()).hexdigest()
    return unnamed | {"version": wanted.version or f"calibration-{content[:12]}"}


def _metrics(rows: Validation, fitted: Fitted, held: HeldOut, wanted: Wanted) -> dict[str, Any]:
    before = scores(rows, rows.log_probabilities, wanted.draws)
    after = scores(rows, held.log_probabilities, wanted.draws)
    points = at_operating_points(rows, held, wanted.draws)
    set_above = wanted.policy.thresholds.low_confidence_set_above
    metrics = {
        "rows": len(rows.classes),
        "undecided_rows": len(rows.classes) - len(rows.decided),
        "undecided_rows_are": UNDECIDED,
        "scaling": fitted.chosen.kind,
        "scaling_chosen_by": {"held_out_log_loss": fitted.chosen.log_loss},
        "temperature": fitted.scaling.temperature,
        **{name: {"before": before[name], "after": after[name]} for name in before},
        "sets": {
            "method": "split conformal, one minus the probability of the truth, groups of equal weight",
            "stated_coverage": fitted.coverage,
            "threshold": fitted.threshold,
            "groups": fitted.groups,
            "held_out": coverage(rows, held, set_above, wanted.draws),
        },
        "operating_points_chosen_by": str(fitted.rule),
        "operating_points": {
            condition: {"point": point, "held_out": points.get(condition)}
            for condition, point in fitted.operating_points.items()
        },
        "suspected": fitted.suspicions,
        "provenance": wanted.provenance | {"rule": asdict(fitted.rule), "coverage": fitted.coverage},
    }
    return dict(_plain(metrics))


def _plain(value: Any) -> Any:
    if isinstance(value, Figure):
        return value.as_dict()
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value
