"""The data sets of MM-Skin's evaluations, from `datasets.yaml`: classes and where to get photographs."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from evaluation.errors import EvaluationError

TABLE = Path(__file__).with_name("datasets.yaml")


@dataclass(frozen=True)
class DataSet:
    """`classes` in the order of MM-Skin's scripts; `used` says in which of its evaluations."""

    name: str
    used: tuple[str, ...]
    modality: str
    csv: str
    source: str
    classes: tuple[str, ...]
    unverified: str = ""


@cache
def data_sets() -> dict[str, DataSet]:
    """All of them by name, in the table's order."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {name: _told(name, told) for name, told in table.items()}


def _told(name: str, told: dict[str, Any]) -> DataSet:
    lists = {key: tuple(told[key]) for key in ("used", "classes")}
    return DataSet(name=name, **told | lists)


def data_set(name: str) -> DataSet:
    """The data set of this name. Raises `EvaluationError` naming those that there are."""
    if name not in data_sets():
        raise EvaluationError(f"no data set {name!r}: give one of {', '.join(data_sets())}, or --classes")
    return data_sets()[name]


def listed() -> str:
    """The table as text, for reading."""
    lines = []
    for one in data_sets().values():
        lines += [
            f"{one.name} ({one.modality}; {', '.join(one.used) or 'in the scripts only'})",
            f"  rows:    {one.csv}",
            f"  images:  {one.source}",
            f"  classes: {'; '.join(one.classes)}",
            *([f"  note:    {one.unverified}"] if one.unverified else []),
        ]
    return "\n".join(lines)
