"""`dermtriage models resume`."""

import click


@click.command()
def command() -> None:
    """Claim cases for the model again."""
    from db.model_control import set_paused
    from dermtriage.commands.database import transaction
    from dermtriage.tasks import wake_up

    with transaction() as session:
        set_paused(session, False)
    wake_up()
    click.echo("Assessment is resumed.")
