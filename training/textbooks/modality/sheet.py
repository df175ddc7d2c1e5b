"""Check sheets: pages of pictures that a person goes through with the keys 1 to 3. One file each, no address
outside it; a sheet saves a csv that `--checked` reads.
"""

import base64
import hashlib
import io
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nsmallest
from pathlib import Path
from typing import Any

from jinja2 import Environment

from training.textbooks.checked import SURE_CAPTION
from training.textbooks.pictures import opened
from training.textbooks.records import MODALITIES, ModalityGuess, Pair

# So many thumbnails make a page of some two megabytes.
A_PAGE = 200
# As many as a person looks at before the model learns from them; the next ones come with the next run.
MOST = 2000
THUMBNAIL = 176
SHORT_CAPTION = 240


@dataclass(frozen=True)
class Doubt:
    """An unchecked pair with its guess and the place of its picture."""

    book: str
    pair: Pair
    guess: ModalityGuess
    file: Path

    @property
    def unsure_caption(self) -> bool:
        """True where the alignment itself is to be checked."""
        return self.pair.confidence < SURE_CAPTION


def write_sheets(folder: Path, doubts: Iterable[Doubt]) -> int:
    """Write sheet-001.html and so on, unsure captions first, then unsure guesses; replaces earlier ones."""
    ordered = nsmallest(MOST, doubts, key=_how_sure)
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    starts = range(0, len(ordered), A_PAGE)
    for number, start in enumerate(starts, start=1):
        page = _page(ordered[start : start + A_PAGE], number, len(starts))
        (unfinished / f"sheet-{number:03d}.html").write_text(page, encoding="utf-8", newline="\n")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)
    return len(starts)


def _how_sure(doubt: Doubt) -> tuple[bool, float, str, str]:
    sure = doubt.pair.confidence if doubt.unsure_caption else doubt.guess.probability
    return not doubt.unsure_caption, sure, doubt.book, doubt.pair.id


def _page(doubts: Sequence[Doubt], number: int, of: int) -> str:
    script = _beside("sheet.js")
    # The sheet's own script may run and no other, whatever a caption holds.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    page = _template().render(
        cards=[_card(doubt) for doubt in doubts],
        modalities=MODALITIES,
        number=number,
        of=of,
        script=script,
        style=_beside("sheet.css"),
        policy=policy,
    )
    return str(page)


def _card(doubt: Doubt) -> dict[str, Any]:
    caption = doubt.pair.caption
    return {
        "book": doubt.book,
        "id": doubt.pair.id,
        "page": doubt.pair.page,
        "caption": caption if len(caption) <= SHORT_CAPTION else caption[:SHORT_CAPTION] + " ...",
        "guess": doubt.guess.modality,
        "probability": f"{100 * doubt.guess.probability:.0f}",
        "unsure": doubt.unsure_caption,
        "thumbnail": _thumbnail(doubt.file),
    }


def _thumbnail(file: Path) -> str:
    """A data address; empty where the picture cannot be read."""
    try:
        picture = opened(file, THUMBNAIL)
    except OSError:
        return ""
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=75)
    return "data:image/jpeg;base64," + base64.b64encode(held.getvalue()).decode()


@cache
def _template() -> Any:
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        _beside("sheet.html")
    )


@cache
def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
