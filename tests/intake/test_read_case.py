"""A platform reads its case, and never another's; the model's result needs its scope until a decision is final."""

from collections.abc import Callable

import pytest

from db.models import Platform
from tests.intake.conftest import PlatformClient


def test_a_new_case_is_read_with_its_level_and_photographs(clinic: PlatformClient) -> None:
    accepted = clinic.submit().json
    body = clinic.get(accepted["links"]["self"]).json
    assert body["id"] == accepted["id"]
    assert (body["status"], body["level"], body["preliminary"]) == ("queued", "routine", True)
    assert body["reasons"] == accepted["reasons"]
    assert (body["findings"], body["explanation"], body["review"], body["provenance"]) == (None,) * 4
    assert body["images"] == [
        {
            "n": 0, "round": 0, "content_type": "image/jpeg", "width": 96, "height": 64,
            "href": f"/v1/cases/{body['id']}/images/0",
        }
    ]  # fmt: skip
    assert "not for clinical use" in body["notice"]


@pytest.mark.parametrize("path", ["/v1/cases/{id}"])
def test_anothers_case_does_not_exist(clinic: PlatformClient, stranger: PlatformClient, path: str) -> None:
    case_id = clinic.submit().json["id"]
    foreign = stranger.get(path.format(id=case_id))
    unknown = stranger.get(path.format(id="0197a000-0000-7000-8000-000000000000"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json == unknown.json


def test_reading_needs_the_scope(platform: Platform, new_client: Callable[..., PlatformClient]) -> None:
    response = new_client(platform, "cases:write").get("/v1/cases/0197a000-0000-7000-8000-000000000000")
    assert response.status_code == 403
