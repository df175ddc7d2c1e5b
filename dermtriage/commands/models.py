"""`dermtriage models`: pause and resume assessment."""

import click


@click.group()
def command() -> None:
    """Pause and resume assessment. Intake and review go on: cases go to clinicians without an AI result."""


@command.command()
def pause() -> None:
    """Claim no further cases for the model; batches in hand are finished."""
    from db.model_control import set_paused
    from dermtriage.commands.database import transaction

    with transaction() as session:
        set_paused(session, True)
    click.echo("Assessment is paused. Resume it with: dermtriage models resume")


@command.command()
def resume() -> None:
    """Claim cases for the model again."""
    from db.model_control import set_paused
    from dermtriage.commands.database import transaction
    from dermtriage.tasks import wake_up

    with transaction() as session:
        set_paused(session, False)
    wake_up()
    click.echo("Assessment is resumed.")
