"""All results of one evaluation as plain data: the content of `metrics.json`."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tqdm import tqdm

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

ABLATION: tuple[View, ...] = ("image_only", "clinical_only")


def results_of(readings: Readings, policy: Policy) -> dict[str, Any]:
    """The headline figures at the top, then everything that stands behind them."""
    best = headline(readings)
    parts: dict[str, Callable[[], Any]] = {
        "operating_point": lambda: asdict(readings.operating_point),
        "photographs": lambda: {label: n for label in CLASSES if (n := len(readings.of(label)))},
        "recall": lambda: by_class(readings),
        "subgroups": lambda: by_part(readings),
        "tone": lambda: tone(readings),
        "ablation": lambda: {"both": best, **_ablation(readings)},
        "levels": lambda: levels(readings, policy),
        "reliability": lambda: [_rounded(asdict(each)) for each in reliability_bins(readings)],
    }
    behind = {name: part() for name, part in tqdm(parts.items(), desc="figures", unit="")}
    plain: dict[str, Any] = _plain(best | behind)
    return plain


def _ablation(readings: Readings) -> dict[str, dict[str, Figure]]:
    """The same figures without the clinical information, and with the mean colour for a photograph."""
    return {view: headline(readings, view) for view in ABLATION if readings.shown(view).all()}


def _rounded(bin_: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in bin_.items()}


def _plain(thing: Any) -> Any:
    if isinstance(thing, Figure):
        return thing.as_dict()
    if isinstance(thing, dict):
        return {name: _plain(value) for name, value in thing.items()}
    return [_plain(value) for value in thing] if isinstance(thing, list | tuple) else thing
