"""Cases are listed newest first, page by page; a page is not disturbed by cases that come meanwhile."""

import pytest

from tests.intake.conftest import PlatformClient


def test_pages_lead_through_all_cases_newest_first(clinic: PlatformClient) -> None:
    sent = [clinic.submit().json["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = clinic.get(f"/v1/cases?limit=2{cursor}").json
        seen += [item["id"] for item in page["items"]]
        clinic.submit()
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == sent[::-1]
    assert page["next_cursor"] is None


def test_an_item_tells_where_the_case_stands(clinic: PlatformClient) -> None:
    accepted = clinic.submit().json
    (item,) = clinic.get("/v1/cases").json["items"]
    assert item["id"] == accepted["id"]
    assert (item["status"], item["level"], item["preliminary"]) == ("queued", "routine", True)
    assert item["href"] == accepted["links"]["self"]


def test_cases_are_chosen_by_status(clinic: PlatformClient) -> None:
    kept, cancelled = clinic.submit().json, clinic.submit().json
    clinic.post(f"{cancelled['links']['self']}/cancel")
    assert [item["id"] for item in clinic.get("/v1/cases?status=queued").json["items"]] == [kept["id"]]
    assert [item["id"] for item in clinic.get("/v1/cases?status=cancelled").json["items"]] == [
        cancelled["id"]
    ]


def test_another_platforms_cases_are_not_listed(clinic: PlatformClient, stranger: PlatformClient) -> None:
    clinic.submit()
    assert stranger.get("/v1/cases").json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=nonsense", "cursor"),
        ("cursor=%C3%A9", "cursor"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("status=waiting", "status"),
        ("colour=red", "colour"),
    ],
)
def test_a_wrong_question_names_its_field(clinic: PlatformClient, query: str, field: str) -> None:
    response = clinic.get(f"/v1/cases?{query}")
    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == [field]
