"""Photographs by content, within the platform's own prefix: `<platform>/<aa>/<sha256>` under an fsspec URL.

Two platforms that send the same photograph never share a file, so neither can learn of the other's.
"""

import os
from hashlib import sha256
from uuid import UUID

import fsspec
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import Image


def content_hash(data: bytes) -> str:
    """The SHA-256 of a photograph as stored, in hex: its address."""
    return sha256(data).hexdigest()


class ImageStore:
    """Puts, reads and removes photographs. A local folder is written durably (fsync before it counts)."""

    def __init__(self, url: str) -> None:
        self.fs, self.root = fsspec.core.url_to_fs(url)
        self.local = isinstance(self.fs, LocalFileSystem)

    def path(self, platform_id: UUID, digest: str) -> str:
        """Where a photograph lies."""
        return f"{self.root}/{platform_id}/{digest[:2]}/{digest}"

    def put(self, platform_id: UUID, digest: str, data: bytes) -> None:
        """Store a photograph under its hash; it is wholly there or not at all; twice is harmless."""
        path = self.path(platform_id, digest)
        if self.fs.exists(path):
            return
        if self.local:
            _write_durably(path, data)
        else:
            self.fs.pipe_file(path, data)

    def get(self, platform_id: UUID, digest: str) -> bytes:
        """The bytes of a photograph. Raises FileNotFoundError."""
        data = self.fs.cat_file(self.path(platform_id, digest))
        assert isinstance(data, bytes)  # noqa: S101 - fsspec is untyped
        return data

    def exists(self, platform_id: UUID, digest: str) -> bool:
        """True when the photograph is there."""
        return bool(self.fs.exists(self.path(platform_id, digest)))

    def remove(self, platform_id: UUID, digest: str) -> None:
        """Remove a photograph; removing it twice is harmless."""
        path = self.path(platform_id, digest)
        if self.fs.exists(path):
            self.fs.rm_file(path)


def _write_durably(path: str, data: bytes) -> None:
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    part = f"{path}.{new_id().hex}.part"
    with open(part, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock_content(session: Session, platform_id: UUID, digests: list[str], *, shared: bool) -> None:
    """Hold a photograph's address until the transaction ends.

    Intake takes it shared before it commits a reference, removal takes it alone: so a file is never removed
    between the moment intake found it there and the moment its reference is committed.
    """
    lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    for digest in sorted(digests):
        session.execute(select(lock(func.hashtextextended(f"{platform_id}/{digest}", 0))))


def remove_unreferenced(session: Session, store: ImageStore, platform_id: UUID, digests: list[str]) -> None:
    """Remove the photographs to which no case refers any more; call in a transaction of its own."""
    lock_content(session, platform_id, digests, shared=False)
    referenced = session.scalars(
        select(Image.sha256).where(Image.platform_id == platform_id, Image.sha256.in_(digests))
    ).all()
    for digest in set(digests) - set(referenced):
        store.remove(platform_id, digest)
