"""Bounds that keep one bad file from taking the machine with it."""

from dataclasses import dataclass


class PageFault(Exception):
    """A page that cannot be read; the text says why. The others are read."""


@dataclass(frozen=True)
class Limits:
    """How much one book and one page may ask for."""

    pages: int = 5_000
    """No textbook has more; a file that does is refused and can be split."""
    page_seconds: float = 120.0
    """A page that takes longer is given up, its reader killed. OCR of a dense page takes some 20 s."""
    page_bytes: int = 6 * 1024**3
    """Address space of one reader process."""
    image_pixels: int = 89_478_485
    """Pillow's own bound, here an error and not a warning."""
    objects: int = 50_000
    """Drawn objects looked at on one page; a map may have more, and its rest changes no outline."""
    render_pixels: int = 16_000_000
    """A rendered page or vector figure is scaled down to this."""
    side_points: float = 14_400.0
    """The PDF standard's own bound on a page's side."""
