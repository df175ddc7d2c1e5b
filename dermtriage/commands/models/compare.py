"""`dermtriage models compare`."""

import json
from datetime import UTC, datetime
from typing import IO, Any

import click

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

INTERRUPTED = "interrupted"
NOTHING = """Nothing to compare{why}.
Put a model on trial with `dermtriage models shadow REF`. It reads what is assessed from then on, while no
case waits; `dermtriage models show` tells whether a worker has loaded it and how many cases it has read."""


@click.command()
@click.option("--since", type=click.DateTime(FORMATS), help="Only cases assessed from then on (UTC).")
@click.option("--json", "file", type=click.File("w", lazy=True), help="Write the figures there too; -: only.")
def command(since: datetime | None, file: IO[str] | None) -> None:
    """Set the model on trial beside the active one, over the cases that both have read.

    After the end of a trial: the model that was on trial last. A table for each version that was active.
    """
    from dermtriage.model_comparison import compare_on_trial

    moment = since.replace(tzinfo=UTC) if since else None
    facts = compare_on_trial(moment) or {"shadow": None, "since": moment, "comparisons": []}
    if file:
        file.write(json.dumps(facts, indent=2, default=_in_json) + "\n")
    if file is None or file.name != "-":
        click.echo("\n".join(_lines(facts)))


def _in_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _lines(facts: dict[str, Any]) -> list[str]:
    if not facts["comparisons"]:
        return [NOTHING.format(why=f" since {facts['since']:%Y-%m-%d %H:%M} UTC" if facts["since"] else "")]
    lines = []
    for one in facts["comparisons"]:
        lines += [f"active: {_named(one['active'])}", f"shadow: {_named(facts['shadow'])}"]
        between = " to ".join(f"{one[key]:%Y-%m-%d %H:%M}" for key in ("first_assessed", "last_assessed"))
        lines += [f"{one['n']} cases read by both, assessed from {between} UTC"]
        lines += [_errors(one["errors"]), *(_figures(one) if one["n"] else []), ""]
    return lines[:-1]


def _named(version: dict[str, str]) -> str:
    return f"{version['ref']} ({version['revision'][:12]})"


def _errors(errors: dict[str, int]) -> str:
    kinds = ", ".join(f"{kind} {n}" for kind, n in errors.items())
    line = f"not read by the shadow model: {sum(errors.values())}" + (f" ({kinds})" if kinds else "")
    return line + ("\ninterrupted: in hand now, or its worker ended" if INTERRUPTED in errors else "")


def _figures(one: dict[str, Any]) -> list[str]:
    mpox = one["mean_mpox"]
    shares = {
        "same level": one["same_level"],
        "shadow more urgent": one["raised"],
        "shadow less urgent": one["lowered"],
        "another level, equally urgent": one["equally_urgent"],
        "same top finding": one["same_top_finding"],
    }
    return [
        "",
        f"{'':<40}{'cases':>8}{'share':>9}    95 % interval (Wilson)",
        *(f"{name:<40}{_share(share)}" for name, share in shares.items()),
        *_decisions(one["final_decisions"]),
        "",
        f"{'':<40}{'active':>8}{'shadow':>9}",
        f"{'mean probability of mpox':<40}{mpox['active']:>8.4f}{mpox['shadow']:>9.4f}",
        *(f"{f'flag {name}':<40}{n['active']:>8}{n['shadow']:>9}" for name, n in one["flags"].items()),
        f"{'mean total variation of findings':<40}{one['mean_total_variation']:>17.4f}",
        "",
        "cases by level: active in rows, shadow in columns",
        *_matrix(one["levels"]),
    ]


def _share(share: dict[str, Any]) -> str:
    low, high = share["low"] * 100, share["high"] * 100
    return f"{share['cases']:>8}{share['share'] * 100:>7.1f} %    {low:.1f} to {high:.1f} %"


def _decisions(decisions: dict[str, Any] | None) -> list[str]:
    if decisions is None:
        return ["No clinician's decision on these cases is final yet."]
    return [
        "",
        f"Same level as {decisions['n']} final decisions of clinicians, who saw the active model's result:",
        *(f"{name:<40}{_share(decisions[name])}" for name in ("active", "shadow")),
    ]


def _matrix(levels: dict[str, dict[str, int]]) -> list[str]:
    def row(name: str, cells: list[str]) -> str:
        return f"  {name:<14}" + "".join(f"{cell:>12}" for cell in cells)

    head = row("", [*levels])
    return [head, *(row(name, [str(n) for n in columns.values()]) for name, columns in levels.items())]
