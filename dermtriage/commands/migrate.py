"""`dermtriage migrate`: Alembic to the newest schema."""

import click


@click.command()
@click.option("--to", "revision", default="head", show_default=True, help="The revision to upgrade to.")
def command(revision: str) -> None:
    """Bring the database of DATABASE_URL to the newest schema. Two at once wait for each other."""
    from db.migrate import upgrade
    from db.settings import DatabaseSettings
    from dermtriage.settings import read

    upgrade(read(DatabaseSettings).database_url, revision)
    click.echo("The database is up to date.")
