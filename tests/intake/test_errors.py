"""Every row of the table of errors in docs/API.md: status, type, field, a remedy, and nothing stored."""

import json
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from db.models import Case, Event, IdempotencyKey, Image
from tests.intake.api_page import ErrorRow, error_rows
from tests.intake.conftest import PlatformClient
from tests.intake.photographs.segments import png_chunk
from tests.intake.pictures import drawing, encoded, jpeg
from triage import example_clinical

Request = Callable[[PlatformClient, PlatformClient], TestResponse]


def example(**changes: Any) -> dict[str, Any]:
    return example_clinical() | changes


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in example_clinical().items() if key != name}


def bomb() -> bytes:
    """A PNG of 20,000 x 20,000 pixels in a few kilobytes."""
    size = (20_000).to_bytes(4, "big")
    rows = zlib.compress(b"\x00" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            png_chunk(b"IHDR", size + size + b"\x08\x02\x00\x00\x00"),
            png_chunk(b"IDAT", rows),
            png_chunk(b"IEND", b""),
        )
    )


def second_image(data: bytes) -> Request:
    return lambda us, _: us.submit(images=[jpeg(), data])


def with_wrong_key(us: PlatformClient, _: PlatformClient) -> TestResponse:
    return us.client.get("/v1/cases", headers={"Authorization": "Bearer dtk_wrong"})


def foreign_case(us: PlatformClient, them: PlatformClient) -> TestResponse:
    return us.get(them.submit(key="theirs").json["links"]["self"])


def no_form(us: PlatformClient, _: PlatformClient) -> TestResponse:
    headers = us.auth(**{"Idempotency-Key": "k"})
    return us.client.post("/v1/cases", json=example_clinical(), headers=headers)


def other_content(us: PlatformClient, _: PlatformClient) -> TestResponse:
    us.submit(key="theirs")
    return us.submit(images=[jpeg(2)], key="theirs")


def erased(us: PlatformClient, _: PlatformClient) -> TestResponse:
    us.delete(us.submit(key="theirs").json["links"]["self"])
    return us.submit(key="theirs")


def without_length(us: PlatformClient, _: PlatformClient) -> TestResponse:
    head = b'--b\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\n'
    part = head + b"x" * 15_000_000 + b"\r\n"
    return us.client.post(
        "/v1/cases", input_stream=BytesIO(part * 4 + b"--b--\r\n"),
        headers=us.auth(**{"Idempotency-Key": "k"}), content_type="multipart/form-data; boundary=b",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip


REQUESTS: dict[str, Request] = {
    "wrong API key": with_wrong_key,
    "another platform's case": foreign_case,
    "bad JSON": lambda us, _: us.submit("{not json"),
    "a required field is missing": lambda us, _: us.submit(without("age")),
    "an unknown field": lambda us, _: us.submit(example(symptoms={"feverish": "yes"})),
    "a value out of range": lambda us, _: us.submit(example(age={"years": 150})),
    "no field `case`": lambda us, _: us.submit(case=None),
    "an unknown field of the form": lambda us, _: us.submit(photos=("a.jpg", jpeg())),
    "no photograph": lambda us, _: us.submit(images=[]),
    "9 photographs": lambda us, _: us.submit(images=[jpeg()] * 9),
    "not an image": second_image(b"This is no photograph."),
    "a truncated JPEG": second_image(jpeg()[:-200]),
    "an animated file": second_image(
        encoded(kind="WEBP", save_all=True, append_images=[drawing(seed=1)], duration=9)
    ),
    "an SVG": second_image(b"<svg xmlns='http://www.w3.org/2000/svg'></svg>"),
    "an empty file": second_image(b""),
    "a PNG bomb of 20,000 x 20,000 pixels": second_image(bomb()),
    "a photograph over 20 MB": second_image(jpeg() + b"\x00" * 20_000_000),
    "a request of 60 MB": lambda us, _: us.submit(images=[jpeg() + b"\x00" * 15_000_000] * 4),
    "a request of 60 MB without Content-Length": without_length,
    "no form": no_form,
    "no Idempotency-Key": lambda us, _: us.submit(key=None),
    "the same key with other content": other_content,
    "the key of an erased case": erased,
}
# Some requests need a case to be there before them.
CASES_BEFORE = {"another platform's case": 1, "the same key with other content": 1}


def test_every_row_of_the_table_has_its_request() -> None:
    assert [row.request for row in error_rows()] == list(REQUESTS)


@pytest.mark.parametrize("row", error_rows(), ids=lambda row: row.request)
def test_an_error_is_answered_as_the_table_says_and_stores_nothing(
    clinic: PlatformClient,
    stranger: PlatformClient,
    session: Session,
    stored_files: Callable[[], list[Path]],
    row: ErrorRow,
) -> None:
    response = REQUESTS[row.request](clinic, stranger)
    assert response.status_code == row.status
    assert response.content_type == "application/problem+json"
    problem = response.json
    assert problem["status"] == row.status
    assert problem["type"] == f"urn:dermtriage:problem:{row.kind}"
    assert row.field in [error["field"] for error in problem["errors"]]
    assert all(error.get("remedy") for error in problem["errors"])
    before = CASES_BEFORE.get(row.request, 0)
    for table in (Case, Image):
        assert session.scalar(select(func.count()).select_from(table)) == before
    assert len(stored_files()) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff{}",
        '{"a": NaN}',
        '{"consent": {"triage": true}, "consent": {"triage": true}}',
        "[" * 50_000,
        '{"n": ' + "9" * 5_000 + "}",
    ],
)
def test_what_is_not_quite_json_is_400(clinic: PlatformClient, text: str) -> None:
    response = clinic.submit(text)
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, "case")


@pytest.mark.parametrize("text", ["null", "[]", '"case"', "7"])
def test_json_that_is_no_object_is_422(clinic: PlatformClient, text: str) -> None:
    assert clinic.submit(text).status_code == 422


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("name", ["patient_ref", "free_text"])
def test_characters_that_cannot_be_stored_are_422(clinic: PlatformClient, name: str, bad: str) -> None:
    response = clinic.submit(json.dumps(example(**{name: bad})))
    assert response.status_code == 422
    assert response.json["errors"][0]["field"].startswith("case")


@pytest.mark.parametrize("consent", [{"triage": False}, {}, None])
def test_without_consent_no_case_is_accepted(clinic: PlatformClient, consent: Any) -> None:
    assert clinic.submit(example(consent=consent)).status_code == 422


def test_an_answer_repeats_nothing_that_was_submitted(clinic: PlatformClient) -> None:
    said = "Mrs Canary of 12 Canary Street"
    wrong = example(patient_ref=said * 9, region=said, sex=said, age={"years": said}, **{said: said})
    wrong["symptoms"] = {"fever": {"present": said}, said: said}
    response = clinic.submit(wrong, **{said: "x"})
    assert "anary" not in response.text
    response = clinic.submit(wrong)
    assert response.status_code == 422
    assert "anary" not in response.text
    named = {error["field"] for error in response.json["errors"]}
    assert {"case.region", "case.sex", "case.age.years", "case.symptoms.fever.present"} <= named


def test_every_wrong_photograph_is_named(clinic: PlatformClient) -> None:
    response = clinic.submit(images=[b"x", jpeg(), b""])
    assert [error["field"] for error in response.json["errors"]] == ["images[0]", "images[2]"]


def test_a_refused_request_leaves_no_key_and_no_event(clinic: PlatformClient, session: Session) -> None:
    clinic.submit(images=[b"x"], key="k")
    for table in (IdempotencyKey, Event):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert clinic.submit(key="k").status_code == 202
