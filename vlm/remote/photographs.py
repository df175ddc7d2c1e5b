"""A photograph as it travels: a data URL of its pixels and nothing else."""

import base64
import io

from PIL import Image

# More pixels than the vision towers in use look at only cost time on the way.
LONGEST_SIDE = 1024
ENCODING = f"png, longest side {LONGEST_SIDE}"


def data_url(image: Image.Image) -> str:
    """PNG, since a second lossy compression would change what the model sees; no metadata.

    A larger photograph is reduced to `LONGEST_SIDE` pixels.
    """
    # A copy made of pixels has no info, so that no profile, text or EXIF is written.
    pixels = Image.frombytes("RGB", image.size, image.convert("RGB").tobytes())
    if max(pixels.size) > LONGEST_SIDE:
        pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    pixels.save(stream, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
