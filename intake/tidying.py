"""What intake clears away from time to time: keys nobody remembers, files that a crash left without a case.

A process that dies between the file and the commit, or between the commit and the removal, leaves a
photograph to which nothing refers. It is a patient's, so it must not stay.
"""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from db.ids import now
from db.image_store import ImageStore, remove_unreferenced
from db.models import Image
from db.session import SessionFactory
from intake.idempotency import forget_old_keys
from intake.settings import IntakeSettings

# Longer than any request between its first file and its commit.
SETTLED = timedelta(hours=1)
BATCH = 500


def tidy_up(sessions: SessionFactory, images: ImageStore, settings: IntakeSettings) -> None:
    """Clear away both; for a schedule, once a day. Safe to run at any time and twice at once."""
    with sessions.begin() as session:
        forget_old_keys(session, settings.idempotency_key_days)
    remove_orphans(sessions, images)


def remove_orphans(sessions: SessionFactory, images: ImageStore) -> int:
    """Remove files older than an hour to which no case refers; how many there were."""
    removed = 0
    for platform_id, digests in _files(images).items():
        for start in range(0, len(digests), BATCH):
            removed += _remove(sessions, images, platform_id, digests[start : start + BATCH])
    return removed


def _remove(sessions: SessionFactory, images: ImageStore, platform_id: UUID, digests: list[str]) -> int:
    with sessions() as session:
        query = select(Image.sha256).where(Image.platform_id == platform_id, Image.sha256.in_(digests))
        referenced = set(session.scalars(query))
    orphans = [
        digest
        for digest in digests
        if digest not in referenced and _is_settled(images, images.path(platform_id, digest))
    ]
    for digest in orphans:
        # Each in a transaction of its own: it looks again, alone, whether a case refers to it by now.
        with sessions.begin() as session:
            remove_unreferenced(session, images, platform_id, [digest])
    return len(orphans)


def _files(images: ImageStore) -> dict[UUID, list[str]]:
    """The names of all files by platform; half-written ones have a longer name and are files like others."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for path in images.fs.find(images.root):
        folder, _, name = path.rsplit("/", 2)
        found[UUID(folder.rsplit("/", 1)[-1])].append(name)
    return found


def _is_settled(images: ImageStore, path: str) -> bool:
    changed = images.fs.modified(path)
    return bool(changed < now() - SETTLED)
