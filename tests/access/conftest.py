"""One world for all tests of this folder: built once, changed by no test."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from sqlalchemy.orm import Session

from dermtriage.local.postgres import LocalPostgres
from tests.access.cases import Maker, Scene
from tests.access.people import Person, add_everybody, add_keys, add_person, add_platforms
from tests.access.scenes import make_scenes
from tests.access.world import World
from tests.applications import whole_application
from tests.conftest import fresh_database
from triage.policy import DEFAULT_POLICY

# The world stands still while it is asked, however slow the machine is.
TIMES = {
    "REVIEW_UNDO_SECONDS": "7200", "REVIEW_LEASE_SECONDS": "7200", "REVIEW_HOLD_SECONDS": "14400",
    "REVIEW_IMAGE_SECONDS": "3600",
    "SESSION_IDLE_MINUTES": "600", "SESSION_ROTATE_MINUTES": "600",
}  # fmt: skip
READERS = (("senior", "Somebody"), ("clinician", "Another"), ("senior", "Colleague"))


class Matrix(NamedTuple):
    """The world with its cases; `somebody` has read those that are the person's own in a trial."""

    world: World
    scenes: dict[str, Scene]
    somebody: Person
    colleague: Person


def without_chance(folder: Path) -> Path:
    """The product's policy; which decisions are read again is left to its rules alone."""
    policy = yaml.safe_load(DEFAULT_POLICY.read_text())
    policy["readings"]["second"]["share"] = 0
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(policy))
    return path


@pytest.fixture(scope="package")
def matrix(
    postgres: LocalPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Matrix]:
    """Everybody and every case."""
    folder = tmp_path_factory.mktemp("photographs")
    settings = TIMES | {"POLICY_FILE": str(without_chance(folder))}
    for url in fresh_database(postgres, template=migrated_template):
        with pytest.MonkeyPatch.context() as patch, whole_application(url, folder, patch, **settings) as app:
            world = World(app)
            with Session(world.engine, expire_on_commit=False) as session:
                platforms = add_platforms(session)
                world.people = add_everybody(session, platforms)
                world.keys = add_keys(session, platforms)
                readers = [add_person(session, platforms, role, "own", name) for role, name in READERS]
                session.commit()
                scenes = make_scenes(Maker(session, world, platforms["clinic-online"], *readers))
            yield Matrix(world, scenes, readers[0], readers[2])
