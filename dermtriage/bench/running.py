"""Runs benches: prints a row each and writes `build/bench.json`.

The file holds one flat object; a bench replaces its own keys (`NAME` and `NAME.figure`) and no others.
"""

import json
import logging
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import cast

import click
import structlog

from dermtriage.bench.shape import Bench, Goal, Measured

BENCHES = {
    "pipeline_vs_limit": "The worker's pipeline over its model in a bare loop.",
    "pipeline_vs_limit_bundled": "The same with the bundled model.",
    "claim_1m_vs_1k": "A claim from a queue of 1,000,000 over one of 1,000.",
    "next_case_1m_vs_1k": "A clinician's next case among 200,000 waiting over one among 200.",
    "page_p95_50_vs_1": "The pages of 50 clinicians at once over those of one.",
    "intake_vs_limit": "Submissions a second over the same work without framework and ORM.",
    "assess_vs_seed": "The bundled model's assess over two generates a case, one case at a time.",
    "assess_vs_pipeline": "The bundled model's assess over transformers' own batched pipeline.",
    "assess_vs_seed_50m": "As assess_vs_seed, with a random network of 50M parameters.",
    "assess_vs_pipeline_50m": "As assess_vs_pipeline, with a random network of 50M parameters.",
}
FILE = Path("build/bench.json")


def run(names: Iterable[str]) -> None:
    """Measure these benches, one after another."""
    quiet()
    for name in names:
        bench = cast(Bench, import_module(f"dermtriage.bench.{name}"))
        report(name, bench.measure(), bench.GOAL)


def report(name: str, measured: Measured, goal: Goal) -> None:
    """Keep the figures in the file and print their row."""
    write(name, measured, FILE)
    click.echo(line(name, measured, goal))


def quiet() -> None:
    """Let no log line of the product come between the rows."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def line(name: str, measured: Measured, goal: Goal) -> str:
    """A row of the table: ratio, goal, and the figures behind it."""
    verdict = "reached" if goal.reached(measured.ratio) else "NOT REACHED"
    figures = ", ".join(f"{key} {value:g}" for key, value in measured.figures.items())
    return f"{name:<26} {measured.ratio:7.3f}   goal {goal!s:<13} {verdict:<12} {figures}"


def write(name: str, measured: Measured, file: Path) -> None:
    """Replace this bench's keys in the file."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    kept = {key: value for key, value in kept.items() if key != name and not key.startswith(f"{name}.")}
    figures = {f"{name}.{key}": value for key, value in measured.figures.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept | {name: measured.ratio} | figures, indent=2, sort_keys=True) + "\n")
