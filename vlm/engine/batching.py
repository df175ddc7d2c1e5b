"""Cases made ready for the network, and which of them are read together.

A case's photographs stay together. Cases of like length share a bucket, so that little is padded; a bucket's
padded tokens stay below what the memory is trusted with.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from triage.findings import ImageQuality
from vlm.engine.backend import Backend, Row
from vlm.presentation import Presentation
from vlm.signals.image_dependence import is_sampled, mean_colour
from vlm.signals.quality import image_quality

# So many photographs are made ready at once; they wait as tensors.
PHOTOGRAPHS_AT_ONCE = 64
# The longer side of a picture in one colour, where its size does not count.
BLANK_SIDE = 64


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
    backend: Backend, presentations: Sequence[Presentation], share: float, threads: int
) -> Iterator[list[Case]]:
    """Windows of cases in order, made ready by so many threads, the next one while this one is computed.

    Without threads each window is made ready when it is asked for.
    """
    windows = list(_windows(presentations))
    if not threads:
        yield from ([_case(backend, *each, share) for each in window] for window in windows)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="vlm-prepare") as pool:

        def ready(window: list[tuple[int, Presentation]]) -> list[Future[Case]]:
            return [pool.submit(_case, backend, *each, share) for each in window]

        coming = ready(windows[0]) if windows else []
        for window in [*windows[1:], []]:
            cases = [case.result() for case in coming]
            coming = ready(window)
            yield cases


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


def _case(backend: Backend, number: int, shown: Presentation, share: float) -> Case:
    rows = backend.rows(shown.images, shown.clinical)
    blank_rows: list[Row] = []
    if is_sampled(shown.images, repr(rows[0].ids), share):
        longest = BLANK_SIDE if backend.ignores_size else None
        blank_rows = backend.rows([mean_colour(image, longest) for image in shown.images], shown.clinical)
    return Case(number, shown, rows, blank_rows, tuple(image_quality(image) for image in shown.images))
