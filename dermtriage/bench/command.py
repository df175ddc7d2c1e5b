"""`dermtriage bench`, and the same as `python -m dermtriage.bench`."""

import click

from dermtriage.bench.running import BENCHES, run


class BenchGroup(click.Group):
    """One command for each bench, and those with options of their own, which are not among all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which they are measured."""
        return [*BENCHES, "model", "evaluate"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The bench of this name."""
        if cmd_name == "model":
            from dermtriage.bench.model.command import command as model

            return model
        if cmd_name == "evaluate":
            from dermtriage.bench.evaluation import command as evaluate

            return evaluate
        if cmd_name not in BENCHES:
            return None
        return click.Command(cmd_name, callback=lambda: run([cmd_name]), help=BENCHES[cmd_name])


@click.group(cls=BenchGroup, chain=True, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Measure the benches named, or all of docs/PERFORMANCE.md; `model` takes options.

    Prints a table and writes build/bench.json. Figures mean little while other programs keep the machine
    busy.
    """
    if ctx.invoked_subcommand is None:
        run(BENCHES)
