"""What is measured of a network, under which names, with which goals."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dermtriage.bench.model.compare import BATCHES, Comparison, compare
from dermtriage.bench.model.prefill import measure_prefill
from dermtriage.bench.model.shown import presentations
from dermtriage.bench.model.subjects import Size, Subject, from_folder, subject
from dermtriage.bench.shape import Goal, Measured

CASES = 32

# The goals; what has none must at least not be slower.
GOALS = {
    "assess_vs_seed": Goal("at least", 8),
    "assess_vs_pipeline": Goal("at least", 2),
    "assess_vs_seed_7b": Goal("at least", 30),
    "prefill_7b": Goal("at least", 0.5),
}
NO_SLOWER = Goal("at least", 1)


class Result(NamedTuple):
    """A row of the table and its keys in the file."""

    name: str
    measured: Measured
    goal: Goal


def results(measured: Subject, cases: int, batches: Sequence[int]) -> list[Result]:
    """Everything about one network; its prefill too where its operations can be counted."""
    found = compare(measured, presentations(cases), batches)
    named = {
        key_of("assess_vs_seed", measured.name): found.against_seed(),
        key_of("assess_vs_pipeline", measured.name): found.against_pipeline(),
    }
    if measured.counts_prefill:
        named[key_of("prefill", measured.name)] = measure_prefill(measured, batches)
    return [Result(name, figures, GOALS.get(name, NO_SLOWER)) for name, figures in named.items()]


def measure_all(
    sizes: Sequence[Size], folder: str, device: str, cases: int, batches: Sequence[int]
) -> Iterator[Result]:
    """One network after another: those of these sizes, and that of a folder where one is given."""
    for size in sizes:
        with subject(size, device) as network:
            yield from results(network, cases, batches)
    if folder:
        yield from results(from_folder(slug(folder), Path(folder), device), cases, batches)


def slug(folder: str) -> str:
    """A folder's name as part of a key."""
    return re.sub(r"[^a-z0-9]+", "_", Path(folder).resolve().name.lower()).strip("_")


def key_of(what: str, name: str) -> str:
    """The bundled model's keys bear no name of a network."""
    return what if name == "bundled" else f"{what}_{name}"


@cache
def comparison_of(name: Size) -> Comparison:
    """One measurement a process: the benches over the seed's way and over the pipeline share it."""
    with subject(name, "auto") as measured:
        return compare(measured, presentations(CASES), BATCHES)
