"""Whether a photograph shows any skin at all, by the colour of its pixels.

The skin-colour range is that of Chai and Ngan (IEEE Trans. Circuits Syst. Video Technol. 9, 551, 1999): Cb
77 to 127, Cr 133 to 173. It leaves brightness out, so that dark and light skin pass alike. It errs on the
side of skin: wood, sand and wicker have its colour, and one such pixel in two hundred is enough to pass.
Skin under strongly blue light is taken for something else.
"""

import numpy as np
from PIL import Image

CB, CR = (77, 127), (133, 173)
SKIN_FROM = 0.005
# Pixels are sampled, not averaged: a share needs no more, and a large photograph costs like a small one.
SAMPLED = (64, 64)
# Mean distance of Cb and Cr from grey. A grey photograph says nothing by its colour; it is called only where
# it is mostly one shade, as a wall or a printed page is.
GREY_BELOW = 2.0
SAME_SHADE, MOSTLY = 12, 0.5


def shows_no_skin(image: Image.Image) -> bool:
    """True where hardly a pixel of the photograph has the colour of skin."""
    sampled = image.resize(SAMPLED, Image.Resampling.NEAREST).convert("RGB").convert("YCbCr")
    light, blue, red = np.moveaxis(np.asarray(sampled, dtype=np.int16), -1, 0)
    skin = (blue >= CB[0]) & (blue <= CB[1]) & (red >= CR[0]) & (red <= CR[1])
    if skin.mean() >= SKIN_FROM:
        return False
    is_grey = (np.abs(blue - 128).mean() + np.abs(red - 128).mean()) / 2 < GREY_BELOW
    commonest = np.bincount(light.ravel(), minlength=256).argmax()
    return not is_grey or bool((np.abs(light - commonest) <= SAME_SHADE).mean() > MOSTLY)
