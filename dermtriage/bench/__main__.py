"""`python -m dermtriage.bench [NAME ...]`: runs benches, prints a table, writes build/bench.json.

The file holds one flat object; a bench replaces its own keys (`NAME` and `NAME.figure`) and no others.
"""

import json
import logging
from importlib import import_module
from pathlib import Path
from typing import cast

import click
import structlog

from dermtriage.bench.shape import Bench, Measured

BENCHES = ("pipeline_vs_limit", "pipeline_vs_limit_bundled", "claim_1m_vs_1k", "intake_vs_limit")
FILE = Path("build/bench.json")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(BENCHES))
def main(names: tuple[str, ...]) -> None:
    """Measure NAMES, or everything. Figures mean little while other programs keep the machine busy."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for name in names or BENCHES:
        bench = cast(Bench, import_module(f"dermtriage.bench.{name}"))
        measured = bench.measure()
        write(name, measured, FILE)
        click.echo(line(name, measured, bench))


def line(name: str, measured: Measured, bench: Bench) -> str:
    """A row of the table: ratio, goal, and the figures behind it."""
    verdict = "reached" if bench.GOAL.reached(measured.ratio) else "NOT REACHED"
    figures = ", ".join(f"{key} {value:g}" for key, value in measured.figures.items())
    return f"{name:<26} {measured.ratio:7.3f}   goal {bench.GOAL!s:<13} {verdict:<12} {figures}"


def write(name: str, measured: Measured, file: Path) -> None:
    """Replace this bench's keys in the file."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    kept = {key: value for key, value in kept.items() if key != name and not key.startswith(f"{name}.")}
    figures = {f"{name}.{key}": value for key, value in measured.figures.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept | {name: measured.ratio} | figures, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
