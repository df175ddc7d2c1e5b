"""What a model is known not to do well, in short, beside each of its results. From the model's card."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext


def known_limits(signals: Mapping[str, Any]) -> list[str]:
    """One sentence a limit; `signals` tell whether the result has a conformal calibration."""
    return [
        gettext("It knows ten conditions; anything else gets one of these names all the same."),
        gettext("It sees the centre square of each photograph, much smaller than you see it."),
        gettext("Brown and dark skin is rare in what it learnt from, above all with tumours."),
        gettext("It learnt from few photographs, whose labels nobody re-checked."),
        _of_the_probabilities(signals),
    ]


def _of_the_probabilities(signals: Mapping[str, Any]) -> str:
    if signals.get("coverage") is None:
        return str(gettext("Its probabilities are not calibrated: read them as an order, not as odds."))
    return str(
        gettext("Its probabilities are calibrated on photographs like those it learnt from, on no others.")
    )
