"""Tells a body that is not JSON from JSON that is not acceptable."""

from flask import request

from web.problem import FieldError, Problem


def refuse_malformed_json() -> None:
    """Raise Problem (400) for a body that is not JSON; register it before the requests of a blueprint."""
    if request.get_data() and request.get_json(silent=True) is None:
        remedy = "Send well-formed JSON with the header Content-Type: application/json."
        raise Problem(
            400, "malformed", "The request cannot be read", remedy,
            [FieldError(field="body", detail="It is not JSON.", remedy=remedy)],
        )  # fmt: skip
