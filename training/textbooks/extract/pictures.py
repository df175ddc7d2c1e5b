"""Embedded pictures in their original resolution, turned as they are read."""

import ctypes
import io
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from training.textbooks.extract.limits import Limits
from training.textbooks.extract.objects import Picture
from training.textbooks.extract.reading import Reading
from training.textbooks.extract.store import Stored, stored, stored_image
from training.textbooks.records import Box

_CLOCKWISE = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
# Where the picture's own right and down point as read -> what puts it upright.
_UPRIGHT = {
    ("right", "down"): None,
    ("down", "left"): Image.Transpose.ROTATE_270,
    ("left", "up"): Image.Transpose.ROTATE_180,
    ("up", "right"): Image.Transpose.ROTATE_90,
    ("left", "down"): Image.Transpose.FLIP_LEFT_RIGHT,
    ("right", "up"): Image.Transpose.FLIP_TOP_BOTTOM,
    ("down", "right"): Image.Transpose.TRANSPOSE,
    ("up", "left"): Image.Transpose.TRANSVERSE,
}


def kept_picture(
    folder: Path, page: pdfium.PdfPage, picture: Picture, reading: Reading
) -> tuple[Stored, Image.Image]:
    """The picture's file and its pixels. A JPEG that needs no turning keeps its very bytes."""
    turn = _UPRIGHT.get(_directions(picture, reading))
    masked = bool(pdfium_c.FPDFPage_HasTransparency(page))
    if turn is None and not masked:
        jpeg = _jpeg(picture)
        if jpeg:
            with Image.open(io.BytesIO(jpeg)) as opened:
                return stored(folder, jpeg, "jpg"), opened.convert("RGB")
    image = _pixels(page, picture, masked=masked)
    turn = _CLOCKWISE[reading.turns] if masked else turn
    image = image.transpose(turn) if turn is not None else image
    return stored_image(folder, image), image


def rendered(page: pdfium.PdfPage, box: Box, reading: Reading, dpi: float, limits: Limits) -> Image.Image:
    """A part of the page as it looks, at most `limits.render_pixels` large."""
    wide, high = reading.size
    scale = min(dpi / 72, (limits.render_pixels / max(1.0, box.width * box.height)) ** 0.5)
    crop = (max(0.0, box.x0), max(0.0, high - box.y1), max(0.0, wide - box.x1), max(0.0, box.y0))
    page.set_rotation(reading.turns * 90)
    return _taken(page.render(scale=scale, crop=crop, may_draw_forms=False)).convert("RGB")


def _pixels(page: pdfium.PdfPage, picture: Picture, *, masked: bool) -> Image.Image:
    image = _taken(pdfium.PdfImage(picture.handle, page=page).get_bitmap(render=masked))
    if image.mode in ("RGBA", "LA"):
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB") if image.mode not in ("L", "RGB") else image


def _taken(bitmap: pdfium.PdfBitmap) -> Image.Image:
    """The pixels, in memory of their own; PDFium's are given back at once."""
    image: Image.Image = bitmap.to_pil().copy()
    bitmap.warn_on_close = False  # nothing of ours looks into its memory any more
    bitmap.close()
    return image


def _jpeg(picture: Picture) -> bytes | None:
    """The bytes of a plain grey or RGB JPEG, as they lie in the file."""
    if pdfium_c.FPDFImageObj_GetImageFilterCount(picture.handle) != 1:
        return None
    name = ctypes.create_string_buffer(32)
    pdfium_c.FPDFImageObj_GetImageFilter(picture.handle, 0, name, 32)
    if name.value != b"DCTDecode":
        return None
    size = pdfium_c.FPDFImageObj_GetImageDataRaw(picture.handle, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium_c.FPDFImageObj_GetImageDataRaw(picture.handle, buffer, size)
    try:
        with Image.open(io.BytesIO(buffer.raw)) as image:
            image.verify()
            plain = image.format == "JPEG" and image.mode in ("L", "RGB") and image.size == picture.pixels
    except (OSError, SyntaxError, ValueError):
        return None
    return buffer.raw if plain else None


def _directions(picture: Picture, reading: Reading) -> tuple[str, str]:
    corner = reading.point(*picture.matrix.on_point(0, 1))
    right = reading.point(*picture.matrix.on_point(1, 1))
    down = reading.point(*picture.matrix.on_point(0, 0))
    return _towards(corner, right), _towards(corner, down)


def _towards(start: tuple[float, float], end: tuple[float, float]) -> str:
    dx, dy = end[0] - start[0], end[1] - start[1]
    if abs(dx) >= abs(dy):
        return "right" if dx >= 0 else "left"
    return "down" if dy >= 0 else "up"
