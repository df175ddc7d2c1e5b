"""docs/api/webhooks.md says what is so."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from db.events import EventType
from webhooks.settings import WebhooksSettings
from webhooks.signature import signed_headers

PAGE = (Path(__file__).parents[2] / "docs/api/webhooks.md").read_text()


def test_the_example_is_signed_with_the_secret_it_names() -> None:
    headers = dict(re.findall(r"^(webhook-\w+): (.+)$", PAGE, re.MULTILINE))
    [body] = re.findall(r"^\{.type.+\}$", PAGE, re.MULTILINE)
    [secret] = re.findall(r"whsec_\w{32}", PAGE)
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signed = signed_headers(headers["webhook-id"], at, body, [secret])
    assert {name: signed[name] for name in headers} == headers


def test_every_event_type_is_explained() -> None:
    explained = re.findall(r"^\| `(case\.\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(explained) == sorted(get_args(EventType))


def test_the_schedule_is_the_one_of_the_settings() -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    [sentence] = re.findall(r"is sent again: (.+?) after the attempt", PAGE, re.DOTALL)
    told = [int(count) * units[unit] for count, unit in re.findall(r"(\d+) (s|min|h)\b", sentence)]
    assert told == list(WebhooksSettings().webhooks_schedule_s)[1:]
