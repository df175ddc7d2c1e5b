"""The page: tables of figures, plots for light and dark screens, and what the run was made with.

The same content gives the same bytes: there is no date in it.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evaluation.report.drawings import Drawing, png
from evaluation.report.whole import write_whole

TEMPLATE = "report.html.j2"
FIGURE = {"value", "low", "high", "n"}


@dataclass(frozen=True)
class Table:
    """A table: its first column names the row. A cell is text, a number, None or a figure's dict."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Plot:
    """A picture: `name` becomes `plots/NAME.png`; `says` tells who cannot see it what it shows."""

    name: str
    title: str
    says: str
    draw: Drawing


def write_report(
    out: Path,
    title: str,
    metrics: Mapping[str, Any],
    *,
    tables: Sequence[Table] = (),
    plots: Sequence[Plot] = (),
    notes: Sequence[str] = (),
    provenance: Mapping[str, Any] | None = None,
) -> Path:
    """Write `out/report.html`, self-contained, and `out/plots/*.png`; return the page.

    `metrics` may be nested: each figure (`value`, `low`, `high`, `n`) or plain value becomes a row named by
    its path. `notes`: sentences to read before the figures. `provenance`: what the run was made with.
    """
    shown = [_shown(out, plot) for plot in plots]
    page = (
        _environment()
        .get_template(TEMPLATE)
        .render(
            title=title,
            notes=list(notes),
            tables=[
                Table("Figures", ("figure", "value and 95 % interval", "n"), list(_rows(metrics))),
                *tables,
            ],
            plots=shown,
            provenance=list(_lines(provenance or {})),
        )
    )
    write_whole(out / "report.html", page.encode())
    return out / "report.html"


def as_text(cell: Any) -> str:
    """A cell as it is read: figures with their interval, fractions with three digits, a dash for nothing."""
    if is_figure(cell):
        if cell["value"] is None:
            return "undefined"
        interval = "" if cell["low"] is None else f" [{cell['low']:.3f}, {cell['high']:.3f}]"
        return f"{cell['value']:.3f}{interval}"
    if cell is None:
        return "–"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def is_figure(thing: Any) -> bool:
    """Whether this is a `Figure.as_dict()`."""
    return isinstance(thing, Mapping) and thing.keys() >= FIGURE


def _rows(metrics: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    for name, value in metrics.items():
        here = (*path, str(name))
        if isinstance(value, Mapping) and not is_figure(value):
            yield from _rows(value, here)
        else:
            yield " · ".join(here), value, value["n"] if is_figure(value) else None


def _lines(provenance: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name, value in provenance.items():
        if isinstance(value, Mapping):
            yield from _lines(value, (*path, str(name)))
        else:
            yield " · ".join((*path, str(name))), "–" if value is None else str(value)


def _shown(out: Path, plot: Plot) -> dict[str, str]:
    light, dark = png(plot.draw), png(plot.draw, dark=True)
    write_whole(out / "plots" / f"{plot.name}.png", light)
    return {"title": plot.title, "says": plot.says, "light": _data_url(light), "dark": _data_url(dark)}


def _data_url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["as_text"] = as_text
    return environment
