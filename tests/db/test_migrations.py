"""The migrations make exactly the models' tables, and can be undone."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from db.migrate import alembic_config, downgrade, upgrade


def test_upgrading_an_empty_database_makes_the_tables_of_the_models(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    command.check(alembic_config(empty_database_url))


def test_downgrading_to_base_leaves_nothing_but_alembics_own_table(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    downgrade(empty_database_url, "base")
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_up_down_up_ends_at_the_same_schema(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    downgrade(empty_database_url, "base")
    upgrade(empty_database_url)
    command.check(alembic_config(empty_database_url))


def test_a_difference_between_models_and_migrations_is_found(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE cases DROP COLUMN region")
    engine.dispose()
    with pytest.raises(Exception, match="New upgrade operations detected"):
        command.check(alembic_config(empty_database_url))


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("postgresql://unused")).get_heads()) == 1
