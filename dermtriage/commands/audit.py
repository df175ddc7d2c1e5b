"""`dermtriage audit`: is the audit trail whole, and what does it say of one case?"""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from dermtriage.commands.database import transaction

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@click.group()
def command() -> None:
    """Verify the audit trail; show or export the trail of one case."""


@command.command("verify")
@click.option("--anchor", metavar="ID:DIGEST", help="An anchor written down earlier, which must still stand.")
def verify(anchor: str | None) -> None:
    """Recompute every chain and anchor; exit 1 and name each fault when one does not hold."""
    from db.audit import verify_chains

    kept = _kept(anchor) if anchor else None
    with transaction() as session:
        faults = verify_chains(session, kept)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("The audit trail is whole.")


@command.command("anchor")
def anchor() -> None:
    """Print the newest anchor as ID:DIGEST, to be kept outside the database for `verify --anchor`."""
    from sqlalchemy import select

    from db.models import AuditAnchor

    with transaction() as session:
        newest = session.scalar(select(AuditAnchor).order_by(AuditAnchor.id.desc()).limit(1))
    if newest is None:
        raise click.ClickException("No anchor has been laid yet: a worker lays one every hour.")
    click.echo(f"{newest.id}:{newest.digest.hex()}")


@command.command("show")
@click.argument("case_id", type=click.UUID)
@click.option("--last", default=100, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
def show(case_id: UUID, last: int) -> None:
    """List the newest entries of CASE_ID: when, who, what, and whether the chain is whole."""
    from db.audit import verify_chain
    from db.audit.trail import entries_of, names_of

    with transaction() as session:
        _require_chain(session, case_id)
        page = entries_of(session, case_id, last)
        names = names_of(session, [entry.actor for entry in page.entries])
        faults = verify_chain(session, case_id)
    for entry in reversed(page.entries):
        who = f"{entry.actor} ({names[entry.actor]})" if entry.actor in names else entry.actor
        states = f"{entry.old_status or '-'} > {entry.new_status}"
        click.echo(
            f"{entry.seq:>5}  {entry.at:%Y-%m-%d %H:%M:%S}Z  {entry.action:<24} {states:<32} {who}  "
            f"{entry.detail}".rstrip()
        )
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("This chain is whole.")


@command.command("export")
@click.argument("case_id", type=click.UUID)
def export(case_id: UUID) -> None:
    """Write the trail of CASE_ID as JSON lines: hashes, how to check them, and what a check found."""
    import json

    from db.audit.trail import trail_lines

    with transaction() as session:
        _require_chain(session, case_id)
        for line in trail_lines(session, case_id):
            click.echo(json.dumps(line))


def _require_chain(session: "Session", case_id: UUID) -> None:
    from db.audit.trail import has_chain

    if not has_chain(session, case_id):
        raise click.ClickException(f"There is no case {case_id}, and there never was one on record.")


def _kept(anchor: str) -> tuple[int, bytes]:
    number, _, digest = anchor.partition(":")
    try:
        return int(number), bytes.fromhex(digest)
    except ValueError:
        raise click.BadParameter(
            "give it as `dermtriage audit anchor` printed it", param_hint="--anchor"
        ) from None
