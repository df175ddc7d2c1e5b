"""Reads a multipart form within its limits, in memory: nothing of a patient touches a temporary file.

Knows which fields a submission has, and not what is in them.
"""

from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from intake.limits import limits
from intake.names import safe_name
from intake.settings import MEGABYTE, IntakeSettings
from web.problem import FieldError, Problem, invalid

# A form with more parts than this is no mistake in counting photographs.
MAX_PARTS = 200
# The parser holds what it read in one go (64 KiB) beside what it has not yet cut into parts, files among it.
PARSER_ALLOWANCE = 2 * 65_536


@dataclass(slots=True)
class SubmittedForm:
    """The bytes of a submission: the JSON of `case` (None where it was not sent) and the photographs."""

    case: bytes | None = None
    images: list[bytes] = field(default_factory=list)


def refuse_oversize() -> None:
    """Raise Problem (413) where the request says that it is longer than a request may be."""
    bounds = limits()
    length = request.content_length
    if length is not None and length > bounds.max_request_bytes:
        _read_away(length, bounds)
        raise _too_large(bounds)


def read_form(*fields: str) -> SubmittedForm:
    """The form of this request, which may hold only `fields` (`case`, `images`).

    Raises Problem: 413 beyond a limit, 400 where it is no form, 422 for other fields.
    """
    refuse_oversize()
    bounds = limits()
    try:
        texts, files = _parse(bounds)
    except RequestEntityTooLarge:
        raise _too_large(bounds) from None
    except ValueError:
        raise _no_form() from None
    if request.mimetype != "multipart/form-data":
        raise _no_form()
    form = SubmittedForm()
    for name, text in texts.items(multi=True):
        _put(form, name, text.encode("utf-8", "surrogatepass"), fields)
    for name, file in files.items(multi=True):
        stream = file.stream
        _put(form, name, stream.getvalue() if isinstance(stream, BytesIO) else stream.read(), fields)
    if len(form.case or b"") > bounds.max_clinical_bytes:
        raise _too_large(bounds, "case")
    return form


class _Part(BytesIO):
    """One file in memory, no longer than a photograph may be."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Append, or raise RequestEntityTooLarge."""
        if self.tell() + len(data) > self.most:
            raise RequestEntityTooLarge
        return super().write(data)


def _parse(bounds: IntakeSettings) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    def in_memory(*_: object, **__: object) -> IO[bytes]:
        return _Part(bounds.max_image_bytes)

    # A body without length (chunked) is bounded here, while it is read.
    request.max_content_length = bounds.max_request_bytes
    parser = FormDataParser(
        stream_factory=in_memory,
        max_form_memory_size=bounds.max_clinical_bytes + PARSER_ALLOWANCE,
        max_content_length=bounds.max_request_bytes,
        max_form_parts=MAX_PARTS,
        silent=False,
    )
    _, texts, files = parser.parse(
        request.stream, request.mimetype, request.content_length, request.mimetype_params
    )
    return texts, files


def _put(form: SubmittedForm, name: str | None, data: bytes, fields: tuple[str, ...]) -> None:
    if name not in fields:
        known = " and ".join(fields)
        raise invalid(
            "The form has a field that is not known.",
            [FieldError(field=safe_name(name or ""), detail="Unknown field.", remedy=f"Send only {known}.")],
        )
    if name == "images":
        form.images.append(data)
    elif form.case is not None:
        raise invalid(
            "The field case was sent twice.",
            [FieldError(field="case", detail="Sent more than once.", remedy="Send it once.")],
        )
    else:
        form.case = data


def _read_away(length: int, bounds: IntakeSettings) -> None:
    """Let an honest client finish sending, so that it reads the answer instead of a broken connection."""
    left = min(length, 4 * bounds.max_request_bytes)
    stream = request.environ["wsgi.input"]
    while left > 0 and (piece := stream.read(min(left, 1 << 16))):
        left -= len(piece)


def _too_large(bounds: IntakeSettings, field: str = "images") -> Problem:
    most, each = bounds.max_request_bytes // MEGABYTE, bounds.max_image_bytes // MEGABYTE
    json = bounds.max_clinical_bytes
    remedy = f"Send at most {most} MB a request, {each} MB a photograph and {json} bytes of JSON."
    return Problem(
        413, "too-large", "Too large", remedy,
        [FieldError(field=field, detail="The request or a part of it is too large.", remedy=remedy)],
    )  # fmt: skip


def _no_form() -> Problem:
    remedy = "Send multipart/form-data with a boundary, as curl does with --form."
    return Problem(
        400, "no-form", "Not a form", remedy,
        [FieldError(field="Content-Type", detail="The body is not a multipart form.", remedy=remedy)],
    )  # fmt: skip
