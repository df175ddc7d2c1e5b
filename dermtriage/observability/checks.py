"""What the product needs to do its work, tried one by one. No check says what a server answered."""

from dataclasses import dataclass
from functools import cache

from alembic.script import ScriptDirectory
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db.ids import new_id
from db.migrate import alembic_config
from web.services import services
from worker.settings import WorkerSettings

DATABASE = "database"
SCHEMA = "schema"
IMAGE_STORE = "image_store"
BROKER = "broker"


@dataclass(frozen=True)
class Check:
    """A part, what is wrong with it (empty: nothing) and what to do."""

    part: str
    fault: str = ""
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.fault


def check_all() -> list[Check]:
    """All parts, in the order in which to mend them."""
    return [*check_database(), check_image_store(), check_broker()]


@cache
def newest_schema() -> str | None:
    """The revision to which the migrations lead."""
    return ScriptDirectory.from_config(alembic_config("postgresql://")).get_current_head()


def check_database() -> list[Check]:
    """PostgreSQL answers, and its schema is the newest."""
    try:
        with services().sessions() as session:
            there = session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
            found = session.scalar(text("SELECT version_num FROM alembic_version")) if there else None
    except SQLAlchemyError:
        return [Check(DATABASE, "PostgreSQL does not answer.", "Start it, or correct DATABASE_URL.")]
    if found != newest_schema():
        return [
            Check(DATABASE),
            Check(SCHEMA, "The schema is not this version's.", "Run dermtriage migrate."),
        ]
    return [Check(DATABASE), Check(SCHEMA)]


def check_image_store() -> Check:
    """A file can be written and removed."""
    store = services().images
    path = f"{store.root}/.ready/{new_id().hex}"
    try:
        store.fs.makedirs(f"{store.root}/.ready", exist_ok=True)
        store.fs.pipe_file(path, b"")
        store.fs.rm_file(path)
    except Exception:  # noqa: BLE001 - each kind of store raises its own errors, and each means not ready
        return Check(IMAGE_STORE, "Nothing can be written.", "Mend the folder, or correct IMAGE_STORE_URL.")
    return Check(IMAGE_STORE)


def check_broker() -> Check:
    """Redis answers within a second."""
    settings: WorkerSettings = services().room_settings["worker"]
    try:
        with Redis.from_url(settings.broker_url, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except (RedisError, OSError, ValueError):
        return Check(BROKER, "Redis does not answer.", "Start it, or correct BROKER_URL.")
    return Check(BROKER)
