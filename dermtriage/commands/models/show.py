"""`dermtriage models show`: which models run, or what one of them is."""

import json
from typing import Any

import click


@click.command()
@click.argument("ref", required=False)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(ref: str | None, device: str, as_json: bool) -> None:
    """Without REF: what is wanted, what each worker has loaded, and every version with its assessments.

    With REF: load that model and print what its assessments would say of it, and its files.
    """
    from dermtriage.model_facts import facts_of_model, facts_of_running

    facts = facts_of_model(ref, device) if ref else facts_of_running()
    click.echo(json.dumps(facts, indent=2, default=str) if as_json else "\n".join(_lines(facts)))


def _lines(facts: dict[str, Any]) -> list[str]:
    """Names and values in two columns; a list of objects as a table of its own."""
    lines = []
    for name, value in facts.items():
        if isinstance(value, list):
            lines += ["", f"{name}:", *(_table(value) if value else ["  none"])]
        else:
            lines.append(f"{name:<18} {'-' if value is None else value}")
    return lines


def _table(rows: list[dict[str, Any]]) -> list[str]:
    cells = [list(rows[0]), *([("-" if v is None else str(v)) for v in row.values()] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(cells[0]))]
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
