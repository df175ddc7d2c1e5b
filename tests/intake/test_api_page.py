"""docs/API.md: its examples run as they stand, and it names every door of intake."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session
from urllib3.filepost import encode_multipart_formdata
from werkzeug.test import TestResponse

from db.models import Case
from intake.settings import IntakeSettings
from tests.intake.api_page import PAGE, examples
from tests.intake.conftest import PlatformClient
from tests.intake.pictures import jpeg
from triage import example_clinical


def as_curl(client: PlatformClient, command: str, folder: Path, names: dict[str, str]) -> TestResponse:
    """Do what the words of a curl command say."""
    words = iter(shlex.split(command.replace("\\\n", " ")))
    assert next(words) == "curl"
    method, address, headers, form = "GET", "", {}, []
    for word in words:
        if word == "--request":
            method = next(words)
        elif word == "--header":
            name, _, value = _filled(next(words), names).partition(": ")
            headers[name] = value
        elif word == "--form":
            name, _, value = next(words).partition("=")
            data = (folder / value[1:]).read_bytes()
            form.append((name, (value[1:], data) if value[0] == "@" else data.decode()))
        else:
            address = _filled(word, names)
    body: dict[str, Any] = {}
    if form:
        body["data"], body["content_type"] = encode_multipart_formdata(form)
    return client.client.open(address, method=method, headers=headers, **body)


def _filled(word: str, names: dict[str, str]) -> str:
    return re.sub(r"\$([A-Z]+)", lambda found: names[found[1]], word)


def test_the_examples_run_in_their_order(clinic: PlatformClient, session: Session, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg())
    (tmp_path / "case.json").write_text(json.dumps(example_clinical()))
    retake = clinic.submit().json["id"]
    session.execute(update(Case).where(Case.id == retake).values(status="needs_retake"))
    session.commit()
    names = {"URL": "http://localhost", "KEY": clinic.key, "RETAKE": retake}
    answered = []
    for command in examples():
        response = as_curl(clinic, command, tmp_path, names)
        answered.append(response.status_code)
        if response.status_code == 202:
            names.setdefault("CASE", response.json["id"])
    assert answered == [202, 200, 200, 200, 202, 200, 204]


def test_every_door_of_intake_is_named_with_its_scope(app: Flask) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("cases."):
            continue
        address = re.sub(r"<int:(\w+)>", r"{\1}", rule.rule.replace("<uuid:case_id>", "{id}"))
        (method,) = rule.methods - {"HEAD", "OPTIONS"}
        scope = app.view_functions[rule.endpoint].access.scope
        assert re.search(rf"`{method} {re.escape(address)}[`?].*\| `{scope}`", page), (method, address)


@pytest.mark.parametrize(
    "promise",
    [
        "1 to {max_images} photographs",
        "**Keys are remembered for {idempotency_key_days} days.**",
    ],
)
def test_the_limits_are_those_of_the_settings(promise: str) -> None:
    assert promise.format(**IntakeSettings().model_dump()) in PAGE.read_text(encoding="utf-8")
