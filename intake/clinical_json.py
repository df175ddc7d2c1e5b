"""From the field `case` to clinical information: well-formed JSON first, then the schema.

Strict where leniency could hide an answer: a key that stands twice is refused, for either could be meant.
"""

import json
from typing import Any, NoReturn

from pydantic import ValidationError

from intake.names import safe_path
from triage import Clinical
from web.problem import FieldError, Problem, from_validation, invalid


class _TwiceNamed(ValueError):
    """A JSON object names a key twice."""


def read_clinical(data: bytes | None) -> Clinical:
    """The clinical information of a submission.

    Raises Problem: 400 where it is no JSON, 422 where it does not fit the schema.
    """
    if data is None:
        raise invalid(
            "The field case is missing.",
            [
                FieldError(
                    field="case", detail="Field required", remedy="Add the clinical information as JSON."
                )
            ],
        )
    parsed = _parse(data)
    # JSON can write it only so; looking through all strings is needed only then.
    if b"\\u0000" in data and _holds_nul(parsed):
        raise invalid(
            "The field case holds a character that cannot be stored.",
            [FieldError(field="case", detail="It holds U+0000.", remedy="Remove the character U+0000.")],
        )
    try:
        return Clinical.model_validate(parsed)
    except ValidationError as error:
        problem = from_validation(error, "case")
    for item in problem.errors:
        item.field = safe_path(item.field)
    problem.detail = "Please correct: " + ", ".join(item.field for item in problem.errors[:5])
    raise problem


def _parse(data: bytes) -> Any:
    try:
        # Decoded here: left to itself, the parser would guess UTF-16 and others.
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except _TwiceNamed:
        raise _bad_json("An object names a key twice.", "Name each key once.") from None
    except (ValueError, RecursionError):
        raise _bad_json("This is not JSON in UTF-8.", "Send well-formed JSON.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _TwiceNamed
    return found


def _refuse(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any("\x00" in key or _holds_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))


def _bad_json(detail: str, remedy: str) -> Problem:
    error = FieldError(field="case", detail=detail, remedy=remedy)
    return Problem(400, "bad-json", "Not well-formed", f"The field case cannot be read. {remedy}", [error])
