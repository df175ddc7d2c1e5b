"""The modality before anybody has checked one: the caption's words first, then the plainest colours."""

from math import exp

from training.textbooks.modality.features import named
from training.textbooks.modality.words import words_for
from training.textbooks.records import MODALITIES, Modality

# How common each is in a textbook, after MM-Skin: 6,984, 1,039 and 3,016 of 11,039, as logarithms.
_COMMON: dict[Modality, float] = {"clinical": -0.46, "dermoscopic": -2.36, "pathological": -1.30}


def probabilities(numbers: tuple[float, ...], caption: str) -> dict[Modality, float]:
    """Of each modality, adding up to 1. Weights set by hand: a start, to be replaced by what is checked."""
    seen, said = named(numbers), dict(zip(MODALITIES, words_for(caption), strict=True))
    rounded_dark = max(0.0, seen["dark_corners"]) * 6 * (seen["stained"] < 0.3)
    scores: dict[Modality, float] = {
        "clinical": 0.8 * min(1, said["clinical"]) + 1.5 * seen["skin"],
        "dermoscopic": 4.0 * min(1, said["dermoscopic"]) + rounded_dark,
        "pathological": 4.0 * min(1, said["pathological"])
        + 6.0 * seen["stained"]
        + 1.5 * seen["fine_texture"],
    }
    weights = {modality: exp(scores[modality] + _COMMON[modality]) for modality in MODALITIES}
    total = sum(weights.values())
    return {modality: weight / total for modality, weight in weights.items()}
