"""Photographs and overlays open by the addresses of their case alone: for one person, for some minutes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from db.ids import now
from db.image_store import ImageStore, content_hash
from db.models import Case
from dermtriage.local.drawing import Picture, draw_jpeg
from tests.factories import make_image
from tests.review.conftest import ApiClient

Waiting = Callable[..., Case]


@pytest.fixture
def addresses(api: ApiClient, waiting: Waiting, images: ImageStore, session: object) -> list[str]:
    """The addresses of the two photographs of a case that is held."""
    case = waiting()
    for position in range(2):
        data = draw_jpeg(Picture(position, 3, "pustule", 5))
        images.put(case.platform_id, content_hash(data), data)
        make_image(session, case, sha256=content_hash(data), position=position)  # type: ignore[arg-type]
    return [photograph["href"] for photograph in api.claim()["case"]["photographs"]]


def test_the_address_that_the_case_names_opens(api: ApiClient, addresses: list[str]) -> None:
    assert [api.get(address).status_code for address in addresses] == [200, 200]


def test_an_address_without_or_with_another_signature_is_refused(
    api: ApiClient, addresses: list[str]
) -> None:
    bare = [address.partition("?")[0] for address in addresses]
    signature = addresses[0].partition("?")[2]
    for refused in (bare[0], f"{bare[1]}?{signature}", f"{addresses[0]}x", f"{bare[0]}?signed=é.ü"):
        answer = api.get(refused)
        assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")


def test_after_some_minutes_it_is_worth_nothing(
    api: ApiClient, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = int(now().timestamp())
    for later, status in ((299, 200), (302, 403)):
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _, at=seconds + later: at)
        assert api.get(addresses[0]).status_code == status


def test_it_takes_the_session_too(app: Flask, other_api: ApiClient, addresses: list[str]) -> None:
    assert app.test_client().get(addresses[0]).status_code == 401
    assert other_api.get(addresses[0]).status_code == 404


def test_the_setting_says_how_long(app: Flask) -> None:
    from review.blueprint import settings

    with app.app_context():
        assert timedelta(seconds=settings().review_image_seconds) == timedelta(minutes=5)
