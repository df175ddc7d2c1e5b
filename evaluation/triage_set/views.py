"""The ways in which one photograph is shown to a model."""

from dataclasses import dataclass
from typing import Literal, get_args

from PIL import Image

from evaluation.tone import SHIFT, shift_tone
from evaluation.triage_set.clinical_columns import BARE
from triage.clinical import Clinical
from vlm.presentation import Presentation
from vlm.signals.image_dependence import mean_colour

View = Literal["plain", "lighter", "darker", "image_only", "clinical_only"]
VIEWS: tuple[View, ...] = get_args(View)


@dataclass(frozen=True)
class Shown:
    """What is shown under the name of a view."""

    view: View
    presentation: Presentation


def shown(photograph: Image.Image, clinical: Clinical) -> list[Shown]:
    """All views: as it is, in two other tones, without the clinical information, without the photograph.

    A view that equals the plain one, since no clinical information is given, is left out.
    """
    views = [
        Shown("plain", Presentation((photograph,), clinical)),
        Shown("lighter", Presentation((shift_tone(photograph, SHIFT),), clinical)),
        Shown("darker", Presentation((shift_tone(photograph, -SHIFT),), clinical)),
        Shown("clinical_only", Presentation((mean_colour(photograph),), clinical)),
    ]
    return views if clinical == BARE else [*views, Shown("image_only", Presentation((photograph,), BARE))]
