"""`dermtriage models`: what runs, what may run, and whether anything runs. One command a file."""

import click

from dermtriage.lazy_group import LazyGroup

TABLE = {
    "pause": "Claim no further cases for the model; they go to clinicians without an AI result.",
    "resume": "Claim cases for the model again.",
}


@click.group(cls=LazyGroup, package="dermtriage.commands.models", table=TABLE)
def command() -> None:
    """Import, check, activate and compare models; pause and resume assessment.

    Intake and review go on whatever the model does.
    """
