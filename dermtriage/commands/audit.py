"""`dermtriage audit`: is the audit trail whole?"""

import click

from dermtriage.commands.database import transaction


@click.group()
def command() -> None:
    """Verify the audit trail."""


@command.command("verify")
def verify() -> None:
    """Recompute every chain and anchor; exit 1 and name each fault when one does not hold."""
    from db.audit import verify_chains

    with transaction() as session:
        faults = verify_chains(session)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("The audit trail is whole.")
