"""Photographs on their way into the store and the `images` table, so that no row ever lacks its file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from db.ids import new_id
from db.image_store import lock_content, remove_unreferenced
from intake.photographs import Photograph
from web.services import services


@contextmanager
def stored(platform_id: UUID, photographs: Sequence[Photograph]) -> Iterator[None]:
    """Put the files, outside any transaction; where the block raises, remove those nobody refers to."""
    given = services()
    for photograph in photographs:
        given.images.put(platform_id, photograph.sha256, photograph.data)
    try:
        yield
    except BaseException:
        with given.sessions.begin() as session:
            digests = [photograph.sha256 for photograph in photographs]
            remove_unreferenced(session, given.images, platform_id, digests)
        raise


def hold(session: Session, platform_id: UUID, photographs: Sequence[Photograph]) -> None:
    """Just before commit: from now on no removal takes a file away, and one that was taken is put anew."""
    digests = sorted({photograph.sha256 for photograph in photographs})
    lock_content(session, platform_id, digests, shared=True)
    put_again(platform_id, photographs)


def put_again(platform_id: UUID, photographs: Sequence[Photograph]) -> None:
    """Put what a removal took away before the addresses were held; mostly it takes nothing away."""
    images = services().images
    for photograph in photographs:
        images.put(platform_id, photograph.sha256, photograph.data)


def image_rows(
    platform_id: UUID,
    case_id: UUID,
    photographs: Sequence[Photograph],
    *,
    at: datetime,
    round_number: int = 0,
    first: int = 0,
) -> list[dict[str, Any]]:
    """The rows of a case's photographs, numbered from `first`."""
    return [
        {
            "id": new_id(),
            "case_id": case_id,
            "platform_id": platform_id,
            "round": round_number,
            "position": first + number,
            "sha256": photograph.sha256,
            "content_type": photograph.content_type,
            "size": len(photograph.data),
            "width": photograph.width,
            "height": photograph.height,
            "orientation": photograph.orientation,
            "created_at": at,
        }
        for number, photograph in enumerate(photographs)
    ]
