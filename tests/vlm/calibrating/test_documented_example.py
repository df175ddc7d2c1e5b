"""The calibration.json that docs/MODELS.md shows is one that a model folder may hold."""

import json
import re
from pathlib import Path

from vlm.engine.calibration import Calibration

PAGE = Path(__file__).parents[3] / "docs" / "MODELS.md"


def test_the_calibration_shown_is_accepted_and_shows_every_field() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    told = json.loads(example)
    assert Calibration(**told).coverage == told["conformal"]["coverage"]
    assert set(told) == set(Calibration.model_fields)
