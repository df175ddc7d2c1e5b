"""Photographs from disk in blocks, opened ahead of the model: memory does not grow with their number.

Blocks are fixed parts of the row numbers. A block that lacks a row is computed as a whole, so that a run
which was killed meets the same batches again and writes the same numbers.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageOps, UnidentifiedImageError

from evaluation.errors import EvaluationError
from evaluation.row_file import RowFile

Ready = TypeVar("Ready")
BLOCKS_AHEAD = 2


def unfinished_blocks(results: RowFile, size: int) -> Iterator[tuple[range, frozenset[int]]]:
    """Blocks of `size` rows that lack some, with the numbers that they lack."""
    missing = results.missing()
    row = next(missing, None)
    while row is not None:
        block = range(row // size * size, min((row // size + 1) * size, results.total))
        lacking = []
        while row is not None and row < block.stop:
            lacking.append(row)
            row = next(missing, None)
        yield block, frozenset(lacking)


def made_ready(
    blocks: Iterator[tuple[range, frozenset[int]]], make: Callable[[int], Ready], threads: int
) -> Iterator[tuple[range, frozenset[int], list[Ready]]]:
    """Each block with `make(row)` of its rows; so many threads make the next ones meanwhile, 0 for none."""
    if not threads:
        yield from ((block, lacking, [make(row) for row in block]) for block, lacking in blocks)
        return
    coming: deque[tuple[range, frozenset[int], list[Future[Ready]]]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="evaluation") as pool:
        for block, lacking in blocks:
            coming.append((block, lacking, [pool.submit(make, row) for row in block]))
            if len(coming) > BLOCKS_AHEAD:
                yield _arrived(coming.popleft())
        while coming:
            yield _arrived(coming.popleft())


def opened(path: Path) -> Image.Image:
    """The photograph, upright and in RGB. Raises `EvaluationError` where it cannot be read."""
    try:
        with Image.open(path) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise EvaluationError(f"{path} cannot be read ({error}): replace it or leave out its row") from None


def _arrived(
    block: tuple[range, frozenset[int], Sequence[Future[Ready]]],
) -> tuple[range, frozenset[int], list[Ready]]:
    numbers, lacking, futures = block
    return numbers, lacking, [future.result() for future in futures]
