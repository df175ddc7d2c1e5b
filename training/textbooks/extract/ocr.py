"""Reads a scanned page's text: Tesseract where it is installed, else RapidOCR, which carries its model."""

import csv
import io
import os
import shutil
import subprocess
from functools import cache
from statistics import median
from typing import Any

from PIL import Image

from training.textbooks.errors import BookError
from training.textbooks.geometry import union
from training.textbooks.records import Box, Line

DPI = 300.0  # the letters of captions are small: at fewer, points and panel letters get lost
_SURE = 30.0  # percent: a line that is less sure is noise
_TALL = 1.6  # times the page's usual word: taller, a box is its row's and not its letters'
_RAPID_SURE = 0.5
_SECONDS = 100


def read_text(image: Image.Image, points_a_pixel: float, engine: str) -> list[Line]:
    """The lines of the picture, in points. `engine` is one that `engine_here` names."""
    found = _by_tesseract(image) if engine == "tesseract" else _by_rapidocr(image)
    return [
        Line(
            text=text,
            box=Box(**{edge: round(value * points_a_pixel, 2) for edge, value in box.model_dump().items()}),
            size=round(box.height * points_a_pixel, 1),
        )
        for text, box in found
    ]


def engine_here() -> str:
    """`tesseract` or `rapidocr`. Raises `BookError` where there is neither."""
    if shutil.which("tesseract"):
        return "tesseract"
    try:
        import rapidocr  # noqa: F401
    except ImportError:
        raise BookError("a scanned page needs OCR: install Tesseract, or dermtriage[textbooks]") from None
    return "rapidocr"


def _by_tesseract(image: Image.Image) -> list[tuple[str, Box]]:
    picture = io.BytesIO()
    image.save(picture, "PNG", compress_level=1)
    program = shutil.which("tesseract") or "tesseract"
    done = subprocess.run(  # noqa: S603 - the program found on the path, with arguments of our own
        [program, "stdin", "stdout", "--psm", "3", "--dpi", f"{DPI:.0f}", "tsv"],
        input=picture.getvalue(),
        capture_output=True,
        check=True,
        timeout=_SECONDS,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    lines: dict[tuple[str, ...], list[tuple[str, Box, float]]] = {}
    rows = csv.DictReader(io.StringIO(done.stdout.decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in rows:
        if row["level"] == "5" and row["text"].strip():
            left, top, wide, high = (int(row[key]) for key in ("left", "top", "width", "height"))
            place = (row["block_num"], row["par_num"], row["line_num"])
            lines.setdefault(place, []).append(
                (row["text"], Box(x0=left, y0=top, x1=left + wide, y1=top + high), float(row["conf"]))
            )
    usual = median(box.height for words in lines.values() for _, box, _ in words) if lines else 0
    return [
        (" ".join(text for text, _, _ in words), _line_box([box for _, box, _ in words], usual))
        for words in lines.values()
        if median(sure for _, _, sure in words) >= _SURE
    ]


def _line_box(words: list[Box], usual: float) -> Box:
    """Around the words; those that Tesseract gives the whole row's height count from left to right only."""
    whole = union(words)
    fitting = [box for box in words if box.height <= _TALL * usual]
    return whole.model_copy(update=union(fitting).model_dump(include={"y0", "y1"})) if fitting else whole


def _by_rapidocr(image: Image.Image) -> list[tuple[str, Box]]:
    import numpy as np

    found = _rapidocr()(np.asarray(image.convert("RGB"))[:, :, ::-1])
    if found.boxes is None:
        return []
    lines = []
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if score >= _RAPID_SURE and text.strip():
            xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
            lines.append((text.strip(), Box(x0=min(xs), y0=min(ys), x1=max(xs), y1=max(ys))))
    return lines


@cache
def _rapidocr() -> Any:
    from rapidocr import RapidOCR

    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "Global.log_level": "error"}
    return RapidOCR(params=threads)
