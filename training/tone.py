"""How often an answer changes when only the tone of the same photograph is shifted."""

from collections.abc import Sequence

from PIL import Image

import vlm
from training.simulated_clinical import bare_clinical
from vlm.model import Model

# Exponents on the pixels: lighter and darker, about as far as training shifts them.
GAMMAS = (0.67, 1.5)


def tone_flip_share(model: Model, images: Sequence[Image.Image]) -> float:
    """Share of photographs whose first finding changes in the lighter or the darker copy."""

    def answers(shown: Sequence[Image.Image]) -> list[str]:
        cases = [vlm.Presentation((image,), bare_clinical()) for image in shown]
        return [findings.top.condition for findings in model.assess(cases)]

    plain = answers(images)
    shifted = [answers([with_gamma(image, gamma) for image in images]) for gamma in GAMMAS]
    flipped = [any(other[i] != answer for other in shifted) for i, answer in enumerate(plain)]
    return round(sum(flipped) / len(flipped), 4)


def with_gamma(image: Image.Image, gamma: float) -> Image.Image:
    """The photograph with every channel raised to `gamma`: below 1 lighter, above 1 darker."""
    return image.point([round(255 * (value / 255) ** gamma) for value in range(256)] * len(image.getbands()))
