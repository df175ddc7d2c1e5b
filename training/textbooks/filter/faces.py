"""Faces and eyes, by the cascades that OpenCV's wheel carries (Viola and Jones, 2001; Lienhart, 2002).

They find most upright faces and miss some that are turned away or half covered.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from training.textbooks.pictures import Pixels

LONGEST = 480
# How many overlapping hits make one: fewer find more faces, and more that are none.
SURE_FACE, SURE_PROFILE, SURE_EYE = 4, 6, 8
# Eyes of one face lie level, and are of one size.
LEVEL = 0.35


def face_reasons(picture: Image.Image) -> list[str]:
    """`face`, `eyes` or both. Slow beside the rest: some 50 ms."""
    grey = _grey(picture)
    reasons = []
    if _has_face(grey):
        reasons.append("face")
    if _has_eyes(grey):
        reasons.append("eyes")
    return reasons


def _has_face(grey: Pixels) -> bool:
    smallest = max(24, min(grey.shape) // 6)
    if len(_found("frontalface_alt2", grey, SURE_FACE, smallest)):
        return True
    profile = "profileface"
    mirrored = np.ascontiguousarray(grey[:, ::-1])
    return any(len(_found(profile, side, SURE_PROFILE, smallest)) for side in (grey, mirrored))


def _has_eyes(grey: Pixels) -> bool:
    """Two eyes of one size side by side: a single round hit may be a mole."""
    eyes = _found("eye", grey, SURE_EYE, max(20, min(grey.shape) // 10))
    return any(_are_a_pair(one, other) for number, one in enumerate(eyes) for other in eyes[:number])


def _are_a_pair(one: Any, other: Any) -> bool:
    (x, y, width, _), (x2, y2, width2, _) = (tuple(map(int, eye)) for eye in (one, other))
    apart, mean = abs(x - x2), (width + width2) / 2
    return abs(y - y2) < LEVEL * mean and abs(width - width2) < LEVEL * mean and 1.0 < apart / mean < 3.5


def _found(name: str, grey: Pixels, neighbours: int, smallest: int) -> Any:
    return _cascade(name).detectMultiScale(
        grey, scaleFactor=1.1, minNeighbors=neighbours, minSize=(smallest, smallest)
    )


def _grey(picture: Image.Image) -> Pixels:
    import cv2

    small = picture.convert("L")
    small.thumbnail((LONGEST, LONGEST))
    return np.asarray(cv2.equalizeHist(np.asarray(small)))


@cache
def _cascade(name: str) -> Any:
    import cv2

    # One thread: the run's processes share the cores already.
    cv2.setNumThreads(1)
    folder = Path(cv2.__file__).with_name("data")
    return cv2.CascadeClassifier(str(folder / f"haarcascade_{name}.xml"))
