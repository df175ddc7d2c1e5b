"""`dermtriage platform`: platforms and their API keys."""

from typing import TYPE_CHECKING

import click

from dermtriage.commands.database import transaction

if TYPE_CHECKING:
    from web.access import Scope


@click.group()
def command() -> None:
    """Create platforms and their API keys."""


@command.command("create")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, help="A scope of the key; repeat it. All scopes when not given."
)
def create(name: str, scopes: tuple[str, ...]) -> None:
    """Create the platform NAME and print its first API key, which is shown this once."""
    from web.credentials import create_api_key, create_platform

    _refuse_reserved(name)
    with transaction() as session:
        platform = create_platform(session, name)
        key = create_api_key(session, platform.id, "first", _known(scopes))
    click.echo(
        f"platform: {platform.id}\napi_key:  {key}\nKeep the key: it is not stored and not shown again."
    )


@command.command("key")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, help="A scope of the key; repeat it. All scopes when not given."
)
def key(name: str, scopes: tuple[str, ...]) -> None:
    """Create one more API key for the platform NAME."""
    from sqlalchemy import select

    from db.models import Platform
    from web.credentials import create_api_key

    _refuse_reserved(name)
    with transaction() as session:
        platform = session.scalar(select(Platform).where(Platform.name == name))
        if platform is None:
            raise click.BadParameter(f"there is no platform {name!r}", param_hint="NAME")
        secret = create_api_key(session, platform.id, "further", _known(scopes))
    click.echo(f"api_key:  {secret}\nKeep the key: it is not stored and not shown again.")


def _refuse_reserved(name: str) -> None:
    from db.models.review_work import RESERVED_PLATFORM

    if name == RESERVED_PLATFORM:
        raise click.BadParameter("this name is kept for known cases; it has no keys", param_hint="NAME")


def _known(scopes: tuple[str, ...]) -> "list[Scope]":
    from web.access import SCOPES

    unknown = set(scopes) - set(SCOPES)
    if unknown:
        raise click.BadParameter(
            f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(SCOPES)}", param_hint="--scope"
        )
    return [scope for scope in SCOPES if not scopes or scope in scopes]
