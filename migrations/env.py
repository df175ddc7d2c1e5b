"""Alembic's entry: runs the migrations online against the URL that `db.migrate` was given."""

from alembic import context
from sqlalchemy import create_engine, pool

from db.models import Base


def run() -> None:
    """Run inside one transaction, holding a lock so that two upgrades never run at once."""
    url = context.config.get_main_option("sqlalchemy.url")
    assert url is not None  # noqa: S101 - set by db.migrate
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=False)
        with context.begin_transaction():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7165001)")
            context.run_migrations()
    engine.dispose()


run()
