"""How a calibration is made: pure mathematics over numpy arrays, for whoever trains or evaluates.

Rows are photographs with log-probabilities (N, 10) in `CONDITIONS` order, soft labels (N, 10) and a group.
Knows no file, no network and no torch; `Fitted.as_file()` is what `calibration.json` holds.
"""

from vlm.calibrating.conformal import conformal_threshold, group_weights
from vlm.calibrating.fitting import Fitted, fit
from vlm.calibrating.operating import Costs, Rule, operating_point
from vlm.calibrating.scaling import Scaling, choose_scaling, fit_scaling, fit_temperature, folds, log_loss

__all__ = [
    "Costs",
    "Fitted",
    "Rule",
    "Scaling",
    "choose_scaling",
    "conformal_threshold",
    "fit",
    "fit_scaling",
    "fit_temperature",
    "folds",
    "group_weights",
    "log_loss",
    "operating_point",
]
