"""Measures the three ways in one run: each repetition runs all of them once, in turns, and medians count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean, median
from time import perf_counter

import click

from dermtriage.bench.model.flops import wait_for
from dermtriage.bench.model.sides import PipelineWay, SeedWay, assess
from dermtriage.bench.model.subjects import Subject
from dermtriage.bench.model.work import Work, prepare
from dermtriage.bench.shape import Measured, median_ratio
from vlm import Presentation

BATCHES = (1, 4, 8, 16, 32)
RUNS = 3
WARM_UP_CASES = 2


@dataclass(frozen=True)
class Side:
    """One thing to be measured: how it reads a case load, and how many of the cases it gets."""

    read: Callable[[Work], object]
    cases: int


@dataclass(frozen=True)
class Comparison:
    """Cases a second of each run; by batch size for `assess` with and without signals and the pipeline."""

    cases: int
    explanation_tokens: float
    assess: dict[int, Sequence[float]]
    without_signals: dict[int, Sequence[float]]
    pipeline: dict[int, Sequence[float]]
    seed: Sequence[float]

    def against_seed(self) -> Measured:
        """The best batch of `assess`, for equal work without signals, over two generates a case."""
        figures = {"best_batch": best_batch(self.without_signals), "seed_cases_per_s": median(self.seed)}
        figures |= {"as_shipped": median_ratio(self._best(self.assess), self.seed)}
        return Measured(median_ratio(self._best(self.without_signals), self.seed), figures | self._both())

    def against_pipeline(self) -> Measured:
        """The best batch of `assess`, for equal work without signals, over the pipeline's best batch."""
        piped = self._best(self.pipeline)
        figures: dict[str, float] = {"best_batch": best_batch(self.without_signals)}
        figures |= {"best_batch_of_pipeline": best_batch(self.pipeline)}
        figures |= {"as_shipped": median_ratio(self._best(self.assess), piped)}
        figures |= _by_batch("pipeline", self.pipeline)
        return Measured(median_ratio(self._best(self.without_signals), piped), figures | self._both())

    def _best(self, side: dict[int, Sequence[float]]) -> Sequence[float]:
        return side[best_batch(side)]

    def _both(self) -> dict[str, float]:
        return {
            "cases": self.cases,
            "explanation_tokens": round(self.explanation_tokens, 1),
            **_by_batch("assess", self.assess),
            **_by_batch("without_signals", self.without_signals),
        }


def compare(
    subject: Subject, shown: Sequence[Presentation], batches: Sequence[int] = BATCHES, runs: int = RUNS
) -> Comparison:
    """Read these cases in every way; what reads one at a time gets `subject.cases_alone` at most."""
    work = prepare(subject.plain, subject.backend, subject.processor, shown)
    sides = _sides(subject, len(shown), batches)
    for name, side in sides.items():
        _progress(f"{subject.name}: warming up {name}")
        side.read(work.first(WARM_UP_CASES))
    took: dict[str, list[float]] = {name: [] for name in sides}
    for run in range(runs):
        for name, side in sides.items():
            took[name].append(_cases_per_s(side, work, subject))
            _progress(f"{subject.name}: run {run + 1} of {runs}, {name}: {took[name][-1]:.2f} cases/s")
    return Comparison(
        cases=len(shown),
        explanation_tokens=mean(work.explanation_tokens),
        assess={size: took[f"assess {size}"] for size in batches},
        without_signals={size: took[f"assess without signals {size}"] for size in batches},
        pipeline={size: took[f"pipeline {size}"] for size in batches},
        seed=took["seed"],
    )


def best_batch(side: dict[int, Sequence[float]]) -> int:
    """The batch size of the highest median."""
    return max(side, key=lambda size: median(side[size]))


def _sides(subject: Subject, count: int, batches: Sequence[int]) -> dict[str, Side]:
    piped = PipelineWay(subject.backend, subject.processor)
    alone = min(count, subject.cases_alone)
    sides = {"seed": Side(SeedWay(subject.backend, subject.processor).read, alone)}
    for size in batches:
        cases = count if size > 1 else alone
        sides[f"assess {size}"] = Side(partial(assess, subject.model, size), cases)
        sides[f"assess without signals {size}"] = Side(partial(assess, subject.plain, size), cases)
        sides[f"pipeline {size}"] = Side(partial(piped.read, size), cases)
    return sides


def _cases_per_s(side: Side, work: Work, subject: Subject) -> float:
    wait_for(subject.backend.network.device)
    started = perf_counter()
    side.read(work.first(side.cases))
    wait_for(subject.backend.network.device)
    return side.cases / (perf_counter() - started)


def _by_batch(name: str, side: dict[int, Sequence[float]]) -> dict[str, float]:
    return {f"{name}_batch_{size}_cases_per_s": round(median(runs), 3) for size, runs in side.items()}


def _progress(text: str) -> None:
    click.echo(text, err=True)
