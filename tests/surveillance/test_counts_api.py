"""`GET /v1/surveillance/counts`: who may read, what a filter chooses, what is refused."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import make_platform
from tests.surveillance.conftest import Cells
from web.credentials import create_api_key

COUNTS = "/v1/surveillance/counts"
CELLS: Cells = {
    ("2026-W01", "FR-75", "mpox", "suspected"): 12,
    ("2026-W01", "FR-75", "mpox", "confirmed"): 1,
    ("2026-W01", "FR-75", "measles", "suspected"): 10,
    ("2026-W01", "DE-BE", "mpox", "suspected"): 11,
    ("2026-W02", "FR-75", "mpox", "suspected"): 30,
    ("2026-W02", "FR-75", "mpox", "preliminary"): 0,
}


def _items(client: FlaskClient, headers: dict[str, str], **query: str | int) -> list[dict[str, object]]:
    answer = client.get(COUNTS, headers=headers, query_string=query)
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    items: list[dict[str, object]] = answer.json["items"]
    return items


def test_counts_up_to_ten_are_hidden_and_zero_is_not_listed(
    client: FlaskClient, analyst: dict[str, str], count_cells: Callable[[Cells], None]
) -> None:
    count_cells(CELLS)
    answer = client.get(COUNTS, headers=analyst).json
    assert answer is not None
    assert answer["threshold"] == 10
    assert answer["next_cursor"] is None
    shown = {
        (item["week"], item["region"], item["condition"], item["status"]): (item["count"], item["suppressed"])
        for item in answer["items"]
    }
    assert shown == {
        ("2026-W01", "FR-75", "mpox", "suspected"): (12, False),
        ("2026-W01", "FR-75", "mpox", "confirmed"): (None, True),
        ("2026-W01", "FR-75", "measles", "suspected"): (None, True),
        ("2026-W01", "DE-BE", "mpox", "suspected"): (11, False),
        ("2026-W02", "FR-75", "mpox", "suspected"): (30, False),
    }


def test_the_threshold_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, analyst: dict[str, str]
) -> None:
    monkeypatch.setenv("SURVEILLANCE_SUPPRESS_UP_TO", "20")
    request.getfixturevalue("count_cells")(CELLS)
    items = _items(request.getfixturevalue("client"), analyst)
    assert [item["count"] for item in items if not item["suppressed"]] == [30]


@pytest.mark.parametrize(
    ("query", "cells"),
    [
        ({"week_from": "2026-W02"}, 1),
        ({"week_to": "2026-W01"}, 4),
        ({"week_from": "2026-W01", "week_to": "2026-W02"}, 5),
        ({"region": "DE-BE"}, 1),
        ({"condition": "measles"}, 1),
        ({"status": "suspected"}, 4),
        ({"status": "preliminary"}, 0),
        ({"region": "FR-75", "condition": "mpox", "status": "suspected"}, 2),
    ],
)
def test_a_filter_chooses_cells(
    client: FlaskClient,
    analyst: dict[str, str],
    count_cells: Callable[[Cells], None],
    query: dict[str, str],
    cells: int,
) -> None:
    count_cells(CELLS)
    everything = _items(client, analyst)
    items = _items(client, analyst, **query)
    assert len(items) == cells
    assert all(item in everything for item in items)


def test_pages_follow_each_other_without_loss_or_repetition(
    client: FlaskClient, analyst: dict[str, str], count_cells: Callable[[Cells], None]
) -> None:
    count_cells(CELLS)
    collected, cursor = [], None
    for _ in range(10):
        answer = client.get(
            COUNTS, headers=analyst, query_string={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json
        assert answer is not None
        collected += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert collected == _items(client, analyst)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"week_from": "2026-W54"}, "week_from"),
        ({"week_from": "2025-W53"}, "week_from"),
        ({"week_to": "last week"}, "week_to"),
        ({"region": "Paris"}, "region"),
        ({"condition": "flu"}, "condition"),
        ({"status": "rumoured"}, "status"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "abc"}, "cursor"),
        ({"cursor": "WyJhIl0"}, "cursor"),
        ({"group_by": "region"}, "group_by"),
    ],
)
def test_a_wrong_filter_is_a_problem_that_names_the_field(
    client: FlaskClient, analyst: dict[str, str], query: dict[str, str], field: str
) -> None:
    answer = client.get(COUNTS, headers=analyst, query_string=query)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert all(value not in answer.text for value in query.values() if len(value) > 3)


def test_weeks_in_the_wrong_order_are_a_problem(client: FlaskClient, analyst: dict[str, str]) -> None:
    query = {"week_from": "2026-W09", "week_to": "2026-W08"}
    assert client.get(COUNTS, headers=analyst, query_string=query).status_code == 422


def test_a_key_with_the_scope_and_a_clinician_may_read_and_nobody_else(
    client: FlaskClient, session: Session, analyst: dict[str, str], clinician_token: str
) -> None:
    other = create_api_key(session, make_platform(session, "other").id, "other", ["cases:read"])
    session.commit()
    assert client.get(COUNTS, headers=analyst).status_code == 200
    assert client.get(COUNTS, headers={"Authorization": f"Bearer {clinician_token}"}).status_code == 200
    assert client.get(COUNTS, headers={"Authorization": f"Bearer {other}"}).status_code == 403
    assert client.get(COUNTS).status_code == 401
