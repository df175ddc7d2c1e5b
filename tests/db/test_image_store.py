"""Photographs by content, apart for each platform, gone with the last case that refers to them."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from db.image_store import ImageStore, content_hash, remove_unreferenced
from db.models import Image
from tests.factories import make_case, make_image, make_platform

DATA = b"a photograph"
DIGEST = content_hash(DATA)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ImageStore:
    url = tmp_path.as_uri() if request.param == "folder" else f"memory://{uuid4()}"
    return ImageStore(url)


def test_what_was_put_can_be_read(store: ImageStore) -> None:
    platform = uuid4()
    store.put(platform, DIGEST, DATA)
    store.put(platform, DIGEST, DATA)
    assert store.get(platform, DIGEST) == DATA


def test_two_platforms_never_share_a_file(store: ImageStore) -> None:
    first, second = uuid4(), uuid4()
    store.put(first, DIGEST, DATA)
    assert not store.exists(second, DIGEST)


def test_nothing_half_written_is_left_in_the_folder(tmp_path: Path) -> None:
    store = ImageStore(tmp_path.as_uri())
    store.put(uuid4(), DIGEST, DATA)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [DIGEST]


def test_a_photograph_stays_while_any_case_refers_to_it(store: ImageStore, session: Session) -> None:
    platform = make_platform(session)
    first, second = make_case(session, platform), make_case(session, platform)
    store.put(platform.id, DIGEST, DATA)
    rows: list[Image] = [make_image(session, made, sha256=DIGEST) for made in (first, second)]
    for row, remains in ((rows[0], True), (rows[1], False)):
        session.delete(row)
        session.commit()
        remove_unreferenced(session, store, platform.id, [DIGEST])
        session.commit()
        assert store.exists(platform.id, DIGEST) is remains
