"""Whether a photograph can be graded: size, light, sharpness and skin, with Pillow and numpy.

The limits are the product's defaults, not a standard: 99 of 100 training photographs pass, and none does
after a blur of 2 % of its width.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from triage.findings import ImageQuality
from vlm.signals.skin import shows_no_skin

SMALLEST_EDGE = 96
DARK, BRIGHT = 30.0, 235.0
# Variance of the Laplacian of the grey picture at WORKING_EDGE pixels; flat or defocused pictures lie below.
BLURRED_BELOW = 5.0
WORKING_EDGE = 256


def image_quality(image: Image.Image) -> ImageQuality:
    """Issues of one photograph: `small`, `dark`, `bright`, `blurred`, `no_skin`.

    Gradable when there is none but `no_skin`: colour errs in coloured light, and must not send a case back.
    """
    grey = image.convert("L")
    issues = ["small"] if min(grey.size) < SMALLEST_EDGE else []
    scale = min(1.0, WORKING_EDGE / min(grey.size))
    size = (max(3, round(grey.width * scale)), max(3, round(grey.height * scale)))
    values = np.asarray(grey.resize(size, Image.Resampling.BOX, reducing_gap=1.0), dtype=np.float32)
    light = float(values.mean())
    if light < DARK:
        issues.append("dark")
    elif light > BRIGHT:
        issues.append("bright")
    if sharpness(values) < BLURRED_BELOW:
        issues.append("blurred")
    gradable = not issues
    if shows_no_skin(image):
        issues.append("no_skin")
    return ImageQuality(gradable=gradable, issues=tuple(issues))


def sharpness(grey: NDArray[np.float32]) -> float:
    """Variance of the 4-neighbour Laplacian of (H, W) in 0 to 255."""
    middle = 4 * grey[1:-1, 1:-1]
    laplacian = middle - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return float(laplacian.var())
