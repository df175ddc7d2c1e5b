"""The chaos run: cases are accepted, faults come every few seconds, at the end nothing is lost or doubled.

The last line printed is JSON. Exit status 1 when a case was lost or doubled, or failed out of sight.
"""

import json
import sys
import time
from dataclasses import asdict

import click

from db.models import Case
from tests.chaos.faults import FAULTS
from tests.chaos.verdict import judge
from tests.chaos.world import BROKEN, KILLS, RAISES, World, new_world

SIMULATED = f"simulated:batch_ms=150,case_ms=10,raise_on={RAISES},kill_on={KILLS}"


@click.command()
@click.option("--cases", default=1000, show_default=True, help="Cases to accept, the poisoned ones included.")
@click.option("--seed", default=1, show_default=True, help="Decides order, pauses and levels.")
@click.option("--rounds", default=6, show_default=True, help="How often each fault happens.")
@click.option(
    "--poison", default=4, show_default=True, help="Cases of each kind that make trouble themselves."
)
@click.option(
    "--model", default=SIMULATED, help="What the workers load; only the simulated one can be poisoned."
)
@click.option("--batch-size", default=16, show_default=True, help="WORKER_BATCH_SIZE of the workers.")
def main(cases: int, seed: int, rounds: int, poison: int, model: str, batch_size: int) -> None:
    """Run it."""
    started = time.monotonic()
    with new_world(model, seed, batch_size) as world:
        faults = [name for name in FAULTS for _ in range(rounds)]
        world.chance.shuffle(faults)
        texts = _texts(world, cases, poison, model)
        _run(world, texts, faults, started)
        verdict = world.ask(lambda session: judge(session, len(faults)))
        _say(started, f"{world.workers.deaths} deaths of workers, {world.claims()} claims of cases")
        _say(started, f"{world.models_that_read()} models read them")
        if not verdict.passed:
            click.echo(world.workers.logs())
    click.echo(json.dumps(asdict(verdict)))
    sys.exit(0 if verdict.passed else 1)


def _texts(world: World, cases: int, poison: int, model: str) -> list[str]:
    """The free text of each case: empty, or the word that makes it fail."""
    kinds = (RAISES, KILLS, BROKEN) if model.startswith("simulated") else (BROKEN,)
    words = [kind for kind in kinds for _ in range(poison)]
    texts = [*words, *[""] * (cases - len(words))]
    world.chance.shuffle(texts)
    return texts


def _run(world: World, texts: list[str], faults: list[str], started: float) -> None:
    share = len(texts) // (len(faults) + 1)
    for name in faults:
        part, texts = texts[:share], texts[share:]
        world.submit(part)
        FAULTS[name](world)
        _say(started, name)
        before = world.claims()
        world.until(lambda before=before: world.claims() > before or _at_rest(world), "claims resumed")
    world.submit(texts)
    world.until(lambda: _at_rest(world), "the queue is at rest")


def _at_rest(world: World) -> bool:
    return not world.count(Case.assess_state.in_(("waiting", "leased")))


def _say(started: float, line: str) -> None:
    click.echo(f"{time.monotonic() - started:6.1f} s  {line}")
