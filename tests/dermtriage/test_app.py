"""The HTTP application as a whole: described as it answers, documented, and without the model."""

import subprocess
import sys

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from dermtriage.app import create_app
from dermtriage.settings import load_settings


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, database_url: str) -> FlaskClient:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", "memory://app")
    monkeypatch.setenv("SECRET_KEY", "only-for-this-test")
    return create_app(load_settings()).test_client()


def test_the_description_is_openapi_3_1_and_each_schema_in_it_is_one(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()
    assert described["openapi"].startswith("3.1")
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_error_is_described_as_the_problem_document_that_is_sent(client: FlaskClient) -> None:
    for path, operations in client.get("/openapi.json").get_json()["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if status.startswith("4") and answer.get("content"):
                    assert set(answer["content"]) == {"application/problem+json"}, f"{method} {path} {status}"


def test_the_documentation_is_readable_without_signing_in(client: FlaskClient) -> None:
    page = client.get("/docs", follow_redirects=True)
    assert page.status_code == 200
    assert b"swagger" in page.data.lower()


def test_the_web_processes_import_no_torch() -> None:
    code = "import sys, dermtriage.app; print({'torch', 'transformers'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "set()"
