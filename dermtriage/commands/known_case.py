"""`dermtriage known-case`: copies of decided cases that are read like any other, to watch how people read."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

if TYPE_CHECKING:
    from db.session import SessionFactory
    from triage import Level


@click.group()
def command() -> None:
    """Copy decided cases into the queue, to watch how well people read."""


@command.command("add")
@click.argument("case_id", type=click.UUID)
@click.option("--by", "email", required=True, help="The administrator who adds it: the e-mail address.")
@click.option("--level", help="The level that it is known to have; the final decision's when not given.")
@click.option(
    "--diagnosis", help="The condition that it is known to be, or other; as decided when not given."
)
def add(case_id: UUID, email: str, level: str | None, diagnosis: str | None) -> None:
    """Copy the decided case CASE_ID. The copy is never sent to a platform and never counted."""
    from db.image_store import ImageStore
    from db.session import make_engine, make_sessions
    from dermtriage.settings import load_settings
    from review.known_cases import seed
    from triage import load_policy
    from web.problem import Problem

    settings = load_settings()
    engine = make_engine(settings.database.database_url, pool_size=1)
    sessions = make_sessions(engine)
    try:
        copy = seed(
            sessions,
            ImageStore(settings.database.image_store_url),
            load_policy(settings.front_door.policy_file),
            _administrator(sessions, email),
            case_id,
            level=_level(level),
            diagnosis=_condition(diagnosis),
        )
    except Problem as problem:
        raise click.BadParameter(problem.detail, param_hint="CASE_ID") from None
    finally:
        engine.dispose()
    click.echo(f"known case: {copy}")


def _administrator(sessions: "SessionFactory", email: str) -> UUID:
    from sqlalchemy import select

    from db.models import Clinician

    with sessions() as session:
        found = session.scalar(
            select(Clinician.id).where(
                Clinician.email == email.strip().lower(),
                Clinician.role == "administrator",
                Clinician.disabled_at.is_(None),
            )
        )
    if found is None:
        raise click.BadParameter("there is no administrator with this address", param_hint="--by")
    return found


def _level(name: str | None) -> "Level | None":
    from triage import LEVELS

    if name is not None and name not in LEVELS:
        raise click.BadParameter(f"unknown; known: {', '.join(LEVELS)}", param_hint="--level")
    return name


def _condition(name: str | None) -> str | None:
    from triage import CONDITIONS, OTHER

    known = (*CONDITIONS, OTHER)
    if name is not None and name not in known:
        raise click.BadParameter(f"unknown; known: {', '.join(known)}", param_hint="--diagnosis")
    return name
