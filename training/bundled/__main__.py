"""`python -m training.bundled --data DIR --out DIR`: start it again and it goes on where it was."""

import os
from pathlib import Path

import click
import torch

from training.bundled.plan import Plan
from training.bundled.recipe import begin, finish, learn, learn_all
from training.errors import TrainingError
from training.photographs import DataError


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, path_type=Path), required=True, help="Folder with pox/ and derm/"
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The run folder, made where missing"
)
@click.option("--seed", default=Plan().seed, show_default=True, help="All chance comes from it: folds, views")
@click.option("--part", help="Learn this part alone: words, member-1, member-2 ...")
@click.option(
    "--at-once", default=os.cpu_count() or 1, show_default="the cores", help="Parts learnt at the same time"
)
def main(data: Path, out: Path, seed: int, part: str | None, at_once: int) -> None:
    """Train the bundled model from photographs alone; its folder is OUT/model."""
    plan = Plan(seed=seed)
    try:
        begin(plan, out)
        if part:
            torch.set_num_threads(1)
            learn(part, plan, data, out)
            return
        learn_all(plan, data, out, at_once)
        click.echo(f"model written to {finish(plan, data, out)}")
    except (DataError, TrainingError) as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
