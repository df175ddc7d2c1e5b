"""The folds: every photograph is held out once."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from training.bundled.plan import Plan
from training.photographs import Photographs


def folds(photographs: Photographs, plan: Plan) -> list[NDArray[np.int64]]:
    """Row numbers of each fold: conditions alike in all, groups never in two."""
    splitter = StratifiedGroupKFold(plan.folds, shuffle=True, random_state=plan.seed % 2**31)
    conditions = photographs.conditions
    return [held_out for _, held_out in splitter.split(conditions, conditions, photographs.groups)]
