"""Files that a crash left without a case are removed once they are old; all others stay."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.image_store import ImageStore, content_hash
from db.models import IdempotencyKey
from db.session import make_sessions
from intake import tidy_up
from intake.settings import IntakeSettings
from tests.intake.conftest import PlatformClient


def make_old(file: Path) -> None:
    hours_ago = time.time() - 3700
    os.utime(file, (hours_ago, hours_ago))


def test_old_files_without_a_case_go_and_all_others_stay(
    clinic: PlatformClient,
    engine: Engine,
    image_folder: Path,
    stored_files: Callable[[], list[Path]],
) -> None:
    clinic.submit()
    (referenced,) = stored_files()
    make_old(referenced)
    store = ImageStore(image_folder.as_uri())
    for data in (b"old orphan", b"new orphan"):
        store.put(clinic.platform_id, content_hash(data), data)
    orphan = Path(store.path(clinic.platform_id, content_hash(b"old orphan")))
    half_written = orphan.with_name(f"{orphan.name}.0199.part")
    half_written.write_bytes(b"half")
    make_old(orphan), make_old(half_written)
    tidy_up(make_sessions(engine), store, IntakeSettings())
    kept = {referenced, Path(store.path(clinic.platform_id, content_hash(b"new orphan")))}
    assert set(stored_files()) == kept


def test_keys_are_forgotten_after_their_days(
    clinic: PlatformClient, engine: Engine, session: Session, image_folder: Path
) -> None:
    clinic.submit(key="old")
    session.execute(update(IdempotencyKey).values(created_at=now() - timedelta(days=8)))
    session.commit()
    clinic.submit(key="new")
    tidy_up(make_sessions(engine), ImageStore(image_folder.as_uri()), IntakeSettings())
    assert session.scalars(select(IdempotencyKey.key)).all() == ["new"]
