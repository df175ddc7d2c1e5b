"""Does the answer hang on the tone of the skin? By band of ITA, and when only the tone is shifted.

Photographs of other lesions are easy negatives, nearly all of light skin: what holds on photographs of rashes
and healthy skin alone is told beside what holds on all.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Figure, Rows, with_interval
from evaluation.tone import DARK_BELOW, LIGHT_ABOVE, SHIFT
from evaluation.triage_set.figures import share
from evaluation.triage_set.labels import CLASSES, POX
from evaluation.triage_set.readings import Mask, Readings
from evaluation.triage_set.subgroups import bands

BANDS = ("dark", "middle", "light")


def tone(readings: Readings) -> dict[str, Any]:
    """Sensitivity and specificity by band, dark less light, and the share of answers that flip."""
    band, yes, groups = bands(readings), readings.says_mpox(), readings.groups
    ill = readings.labels == "mpox"
    sides: dict[str, tuple[Rows, Mask]] = {
        "mpox_sensitivity": (np.flatnonzero(ill), yes),
        "mpox_specificity": (np.flatnonzero(~ill), ~yes),
        "mpox_specificity_among_pox": (readings.of(*(label for label in POX if label != "mpox")), ~yes),
    }
    return {
        "bands": f"dark: ITA below {DARK_BELOW:g}; light: above {LIGHT_ABOVE:g}; degrees",
        **{
            name: {each: share(right, rows[band[rows] == each], groups) for each in BANDS}
            | {"dark_minus_light": _difference(right, rows, band, groups)}
            for name, (rows, right) in sides.items()
        },
        "flips": _flips(readings),
    }


def _difference(right: Mask, rows: Rows, band: NDArray[np.str_], groups: NDArray[np.str_]) -> Figure:
    rows = rows[band[rows] != "middle"]
    dark, hit = band[rows] == "dark", right[rows]

    def measure(drawn: Rows) -> float:
        on_dark, on_light = hit[drawn][dark[drawn]], hit[drawn][~dark[drawn]]
        if not len(on_dark) or not len(on_light):
            return float("nan")
        return float(on_dark.mean() - on_light.mean())

    return with_interval(measure, groups[rows])


def _flips(readings: Readings) -> dict[str, Any]:
    """Flipped is what either shift flips; photographs without both shifted views are left out."""
    plain, lighter, darker = (readings.says_mpox(view) for view in ("plain", "lighter", "darker"))
    flipped = (plain != lighter) | (plain != darker)
    shown = readings.shown("lighter") & readings.shown("darker")

    def of(rows: Rows) -> Figure:
        return share(flipped, rows[shown[rows]], readings.groups)

    return {
        "shift": f"{SHIFT:g} degrees of ITA lighter and darker, answers at the operating point",
        "all": of(np.arange(len(flipped))),
        "pox": of(readings.of(*POX)),
        **{label: of(rows) for label in CLASSES if len(rows := readings.of(label))},
    }
