"""`dermtriage clinician`: the people who sign in, what they may do, and which cases they read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from dermtriage.commands.database import transaction

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db.models import Clinician

# A new role must be the web room's; importing that here would make `--help` slow. A test compares them.
ROLES = ("clinician", "senior", "administrator", "auditor", "analyst")
OPTIONS = {"platforms": "--platform", "regions": "--region", "languages": "--language", "email": "EMAIL"}


@click.group()
def command() -> None:
    """Create and change people who sign in: role, platforms, regions, languages, second factor."""


def grants(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say which cases a person may read; each repeated."""
    for option in (
        click.option(
            "--language", "languages", multiple=True, help="A language read, such as fr; repeat it."
        ),
        click.option("--region", "regions", multiple=True, help="A region such as FR or FR-75; repeat it."),
        click.option("--all-platforms", is_flag=True, help="Every platform, also later ones."),
        click.option("--platform", "platforms", multiple=True, help="Name of a platform; repeat it."),
    ):
        function = option(function)
    return function


@command.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The name shown on the pages.")
@click.option("--role", type=click.Choice(ROLES), default="clinician", show_default=True)
@grants
@click.option("--locale", default="en", show_default=True, help="Language of the pages: en or fr.")
@click.password_option(envvar="CLINICIAN_PASSWORD", help="Asked for when not given.")
def create(password: str, **given: Any) -> None:
    """Create a person who signs in with EMAIL.

    A clinician or senior reads the cases of the platforms named, or of all; without a region or a language
    there is no limit by it.
    """
    from web.people import add_person
    from web.person import person_from

    with changes() as session:
        clinician = add_person(session, person_from(_lists(given)), password)
    click.echo(f"clinician: {clinician.id}")


@command.command("list")
def list_people() -> None:
    """Show everybody, with role, grants and state."""
    from sqlalchemy import select

    from db.models import Clinician
    from web.people import as_person

    with transaction() as session:
        for found in session.scalars(select(Clinician).order_by(Clinician.email)):
            person = as_person(session, found)
            platforms = "all platforms" if person.all_platforms else ", ".join(person.platforms)
            click.echo(
                f"{person.email}  {person.role}  {person.name}\n"
                f"    reads: {platforms or 'no platform'}; regions: {', '.join(person.regions) or 'any'}; "
                f"languages: {', '.join(person.languages) or 'any'}\n"
                f"    pages: {person.locale}; second factor: {'yes' if found.totp_confirmed_at else 'no'}"
                f"{'; disabled' if found.disabled_at else ''}"
            )


@command.command("change")
@click.argument("email")
@click.option("--name", help="The name shown on the pages.")
@click.option("--role", type=click.Choice(ROLES), help="Signs the person out everywhere.")
@grants
@click.option("--any-region", is_flag=True, help="No limit by region.")
@click.option("--any-language", is_flag=True, help="No limit by language.")
@click.option("--locale", help="Language of the pages: en or fr.")
@click.option(
    "--password",
    prompt=True,
    prompt_required=False,
    hide_input=True,
    confirmation_prompt=True,
    help="A new password, asked for when no value follows. Signs the person out everywhere.",
)
def change(email: str, password: str | None, any_region: bool, any_language: bool, **given: Any) -> None:
    """Change the person with EMAIL. What is not given stays; a list that is given replaces the old one."""
    from web.people import as_person, change_person, find_person, set_password
    from web.person import person_from

    new = {name: value for name, value in _lists(given).items() if value}
    if "platforms" in new:
        new.setdefault("all_platforms", False)
    new |= {"regions": []} if any_region else {}
    new |= {"languages": []} if any_language else {}
    if not new and not password:
        raise click.UsageError("say what to change; --help lists the options")
    with changes() as session:
        clinician = find_person(session, email)
        change_person(session, clinician, person_from(as_person(session, clinician).model_dump() | new))
        if password:
            set_password(session, clinician, password)
    click.echo("changed")


@command.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Sign the person out everywhere and let them in no more. What they did stays."""
    from web import people

    _do(email, people.disable)
    click.echo("disabled")


@command.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Let a disabled person in again."""
    from web import people

    _do(email, people.enable)
    click.echo("enabled")


@command.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """For a person who lost their authenticator: the password is enough until they set one up again."""
    from web import people

    _do(email, people.reset_second_factor)
    click.echo("second factor reset")


@contextmanager
def changes() -> "Iterator[Session]":
    """A transaction in which what a person got wrong is said with the option and the remedy."""
    from web.problem import Problem

    try:
        with transaction() as session:
            yield session
    except Problem as problem:
        field = problem.errors[0].field.partition("[")[0]
        said = " ".join(f"{each.detail} {each.remedy or ''}".strip() for each in problem.errors)
        raise click.BadParameter(said, param_hint=OPTIONS.get(field, f"--{field}")) from None


def _do(email: str, what: "Callable[[Session, Clinician], None]") -> None:
    from web.people import find_person

    with changes() as session:
        what(session, find_person(session, email))


def _lists(given: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
