"""`dermtriage clinician`: the people who review."""

import click

from dermtriage.commands.database import transaction


@click.group()
def command() -> None:
    """Create clinicians."""


@command.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The name shown on the pages.")
@click.password_option(envvar="CLINICIAN_PASSWORD", help="Asked for when not given.")
def create(email: str, name: str, password: str) -> None:
    """Create a clinician who signs in with EMAIL."""
    from sqlalchemy.exc import IntegrityError

    from web.credentials import create_clinician

    if len(password) < 12:
        raise click.BadParameter("use at least 12 characters", param_hint="--password")
    try:
        with transaction() as session:
            clinician = create_clinician(session, email, name, password)
    except IntegrityError:
        raise click.BadParameter("a clinician with this address exists", param_hint="EMAIL") from None
    click.echo(f"clinician: {clinician.id}")
