"""`/healthz` and `/readyz`: whether the process lives, and whether it can do its work."""

from typing import Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from dermtriage.observability.api import health_api
from dermtriage.observability.checks import BROKER, Check, check_all
from web.access import public
from web.problem import FieldError, Problem, ProblemDetails


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """All that is needed is there; degraded: without broker, work is found by the workers' timers."""

    status: Literal["ready", "degraded"]
    checks: dict[str, Literal["ok", "unreachable"]] = Field(description="Part and its state")


@health_api.get("/healthz", summary="The process is alive", responses={200: Alive})
@public
def healthz() -> Response:
    """Answers while the process can answer; asks nothing else. Restart what fails this."""
    return jsonify(Alive().model_dump())


@health_api.get("/readyz", summary="The product can do its work", responses={200: Ready, 503: ProblemDetails})
@public
def readyz() -> Response:
    """Needs PostgreSQL at the newest schema and a writable image store; sends no traffic here when 503.

    A missing broker is reported and is no failure: it carries no data, and workers look for work themselves.
    """
    checks = check_all()
    missing = [check for check in checks if not check.ok and check.part != BROKER]
    if missing:
        raise _not_ready(missing)
    ready = Ready(
        status="ready" if all(check.ok for check in checks) else "degraded",
        checks={check.part: "ok" if check.ok else "unreachable" for check in checks},
    )
    return jsonify(ready.model_dump())


def _not_ready(missing: list[Check]) -> Problem:
    errors = [FieldError(field=check.part, detail=check.fault, remedy=check.remedy) for check in missing]
    named = ", ".join(check.part for check in missing)
    return Problem(503, "not-ready", "Not ready", f"Missing: {named}", errors, {"Retry-After": "5"})
