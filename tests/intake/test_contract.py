"""The doors of intake against their own description: a random request never gets an answer that it lacks."""

import json
import re

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.intake.conftest import PlatformClient

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


def test_random_requests_are_answered_as_described(app: Flask, clinic: PlatformClient) -> None:
    description = schemathesis.openapi.from_wsgi("/openapi.json", app)
    asked = 0
    for found in description.include(path_regex="^/v1/cases").get_all_operations():
        operation = found.ok()

        @FEW
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=clinic.auth(), checks=CHECKS)

        ask()
        asked += 1
    assert asked == 7


def test_every_reference_of_the_description_leads_somewhere(app: Flask) -> None:
    description = app.test_client().get("/openapi.json").json
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(description)))
    assert {"Clinical", "RedFlags", "CaseBody"} <= named
    assert named <= description["components"]["schemas"].keys()
