"""What the orientation in an image's row means for its pixels: the one place where photographs are turned."""

from PIL import Image

Turn = Image.Transpose

# What undoes each orientation of EXIF (CIPA DC-008, tag 0x0112); 1 is upright.
TURNS = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_270,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_90,
}


def turned_upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture as it was meant to be seen; itself when it is upright."""
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture
