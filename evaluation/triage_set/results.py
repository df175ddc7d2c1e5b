"""All results of one evaluation as plain data: the content of `metrics.json`."""

from dataclasses import asdict
from typing import Any

from evaluation.intervals import Figure
from evaluation.triage_set.calibration import reliability_bins
from evaluation.triage_set.figures import headline
from evaluation.triage_set.labels import CLASSES
from evaluation.triage_set.levels import levels
from evaluation.triage_set.readings import Readings
from evaluation.triage_set.subgroups import by_class, by_part
from evaluation.triage_set.tone_figures import tone
from evaluation.triage_set.views import View
from triage.policy import Policy

ABLATION: dict[str, View] = {"both": "plain", "image_only": "image_only", "clinical_only": "clinical_only"}


def results_of(readings: Readings, policy: Policy) -> dict[str, Any]:
    """The headline figures at the top, then everything that stands behind them."""
    found = {
        **headline(readings),
        "operating_point": asdict(readings.operating_point),
        "photographs": {label: n for label in CLASSES if (n := len(readings.of(label)))},
        "recall": by_class(readings),
        "subgroups": by_part(readings),
        "tone": tone(readings),
        "ablation": {
            name: headline(readings, view) for name, view in ABLATION.items() if readings.shown(view).all()
        },
        "levels": levels(readings, policy),
        "reliability": [asdict(each) for each in reliability_bins(readings)],
    }
    plain: dict[str, Any] = _plain(found)
    return plain


def _plain(thing: Any) -> Any:
    if isinstance(thing, Figure):
        return thing.as_dict()
    if isinstance(thing, dict):
        return {name: _plain(value) for name, value in thing.items()}
    return [_plain(value) for value in thing] if isinstance(thing, list | tuple) else thing
