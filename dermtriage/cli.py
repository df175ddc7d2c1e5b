"""The command line. Each command lives in `dermtriage/commands/` and is imported only when it is called.

So `dermtriage --help` answers at once, and torch is imported only where a model runs.
"""

from importlib import import_module

import click

COMMANDS = {
    "demo": "Start everything locally, with sample cases, until Ctrl-C.",
    "api": "Run the HTTP server: intake, review, surveillance, webhooks.",
    "worker": "Run a worker: it assesses queued cases and does the background work.",
    "scheduler": "Run the clock that wakes the workers for sweeps and deliveries.",
    "migrate": "Bring the database to the newest schema.",
    "platform": "Create platforms and their API keys.",
    "clinician": "Create clinicians.",
    "submit": "Submit a case, or print an example of its clinical information.",
    "models": "Pause and resume assessment; intake and review go on.",
    "audit": "Verify the audit trail.",
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"dermtriage.commands.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - each module's contract
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dermtriage")
def group() -> None:
    """A triage queue for skin cases in telemedicine. Research demonstration, not for clinical use.

    Settings come from the environment; `docs/OPERATIONS.md` lists them.
    """


def main() -> None:
    """Run the command line; what a person can mend is said without a trace."""
    try:
        group()
    except Exception as error:
        if {kind.__name__ for kind in type(error).__mro__} & {
            "MissingSettings",
            "LocalServiceError",
            "PolicyError",
        }:
            raise SystemExit(f"dermtriage: {error}") from None
        raise
