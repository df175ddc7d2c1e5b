"""A run folder belongs to one run: what it was begun with is compared with what is asked now."""

import json
from pathlib import Path
from typing import Any

from training.config import Running
from training.errors import RunError
from training.running.files import write_json
from training.running.prepared import Prepared


def rows_of(prepared: Prepared) -> dict[str, Any]:
    """How many rows of which content a run learns from and is validated on."""
    sets = {"train": prepared.train, "validation": prepared.validation}
    return {
        name: {"rows": len(rows), "sha256": rows.fingerprint}
        for name, rows in sets.items()
        if rows is not None
    }


def agree_or_begin(out: Path, stage: str, settings: Running, rows: dict[str, Any] | None) -> None:
    """Write config.json, or hold the run to the one that is there; without `rows` they are not compared."""
    told = {"stage": stage, "settings": settings.model_dump(mode="json"), "rows": rows}
    path = out / "config.json"
    if path.is_file():
        there = json.loads(path.read_text())
        if rows is None:
            told["rows"] = there.get("rows")
        if different := _differences(there, told):
            raise RunError(f"{out} holds another run ({different}): give another --out, or the same settings")
        return
    out.mkdir(parents=True, exist_ok=True)
    write_json(path, told)


def _differences(there: dict[str, Any], told: dict[str, Any]) -> str:
    if there.get("stage") != told["stage"]:
        return f"stage {there.get('stage')!r}, not {told['stage']!r}"
    old, new = there.get("settings", {}), told["settings"]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if there.get("rows") != told["rows"]:
        names.append("the rows of the data")
    return ", ".join(f"{name} was {old[name]!r}" if name in old else name for name in names)
