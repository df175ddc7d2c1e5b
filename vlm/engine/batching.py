"""Cases made ready for the network, and which of them are read together.

A case's photographs stay together. Cases of like length share a bucket, so that little is padded; a bucket's
padded tokens stay below what the memory is trusted with.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from triage.findings import ImageQuality
from vlm.engine.backend import Backend, Row
from vlm.presentation import Presentation
from vlm.signals.image_dependence import is_sampled, mean_colour
from vlm.signals.quality import image_quality

# So many photographs are made ready at once; they wait as tensors.
PHOTOGRAPHS_AT_ONCE = 64


@dataclass(frozen=True)
class Case:
    """A presentation with its place in the call, its rows, and those without photographs where sampled."""

    number: int
    shown: Presentation
    rows: list[Row]
    blank_rows: list[Row]
    qualities: tuple[ImageQuality, ...]

    @property
    def length(self) -> int:
        """Tokens of its longest row."""
        return max(len(row.ids) for row in self.rows)

    @property
    def speaking(self) -> list[int]:
        """Photographs that count: the gradable ones, all where none is."""
        gradable = [place for place, quality in enumerate(self.qualities) if quality.gradable]
        return gradable or list(range(len(self.rows)))


def prepared(
    backend: Backend, presentations: Sequence[Presentation], share: float, ahead: bool
) -> Iterator[list[Case]]:
    """Windows of cases in order. `ahead`: a thread makes the next window ready meanwhile."""
    windows = list(_windows(presentations))
    if not ahead or len(windows) == 1:
        yield from (_ready(backend, window, share) for window in windows)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="vlm-prepare") as thread:
        coming = thread.submit(_ready, backend, windows[0], share)
        for window in windows[1:]:
            cases = coming.result()
            coming = thread.submit(_ready, backend, window, share)
            yield cases
        yield coming.result()


def buckets(cases: Sequence[Case], tokens: int) -> Iterator[list[Case]]:
    """Cases by length, so many together that their padded tokens fit; a single case always makes a bucket."""
    bucket: list[Case] = []
    for case in sorted(cases, key=lambda case: case.length):
        if bucket and padded_tokens([*bucket, case]) > tokens:
            yield bucket
            bucket = []
        bucket.append(case)
    if bucket:
        yield bucket


def padded_tokens(cases: Sequence[Case]) -> int:
    """Tokens of all rows at the length of the longest."""
    return max(case.length for case in cases) * sum(len(case.rows) for case in cases)


def _windows(presentations: Sequence[Presentation]) -> Iterator[list[tuple[int, Presentation]]]:
    window: list[tuple[int, Presentation]] = []
    photographs = 0
    for number, shown in enumerate(presentations):
        if window and photographs + len(shown.images) > PHOTOGRAPHS_AT_ONCE:
            yield window
            window, photographs = [], 0
        window.append((number, shown))
        photographs += len(shown.images)
    if window:
        yield window


def _ready(backend: Backend, window: list[tuple[int, Presentation]], share: float) -> list[Case]:
    return [_case(backend, number, shown, share) for number, shown in window]


def _case(backend: Backend, number: int, shown: Presentation, share: float) -> Case:
    rows = backend.rows(shown.images, shown.clinical)
    blank_rows: list[Row] = []
    if is_sampled(shown.images, repr(rows[0].ids), share):
        blank_rows = backend.rows([mean_colour(image) for image in shown.images], shown.clinical)
    return Case(number, shown, rows, blank_rows, tuple(image_quality(image) for image in shown.images))
