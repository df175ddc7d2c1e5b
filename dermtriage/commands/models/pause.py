"""`dermtriage models pause`."""

import click


@click.command()
def command() -> None:
    """Claim no further cases for the model; batches in hand are finished."""
    from db.model_control import set_paused
    from dermtriage.commands.database import transaction

    with transaction() as session:
        set_paused(session, True)
    click.echo("Assessment is paused. Resume it with: dermtriage models resume")
