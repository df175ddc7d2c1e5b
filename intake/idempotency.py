"""A request that is sent twice has one effect: the second gets the answer of the first.

After the IETF draft "The Idempotency-Key HTTP Header Field". Missing: 400. Same key, other request: 422.
The first still runs: 409. Finished: its answer again. The case was erased: 410.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import now
from db.models import IdempotencyKey
from intake.limits import limits
from triage import Clinical
from web.access import platform_id
from web.problem import FieldError, Problem, invalid
from web.services import services

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request under its key; `digest` is the SHA-256 of what it asks for."""

    platform_id: UUID
    key: str
    digest: bytes

    @property
    def lock(self) -> str:
        """The name under which the key is held while its request runs."""
        return f"{self.platform_id}/{self.key}"


def read_key() -> str:
    """The key of this request. Raises Problem (400) where there is none that can be used."""
    key = request.headers.get(HEADER, "")
    if not _KEY.fullmatch(key):
        remedy = "Send the header Idempotency-Key with a new UUID, and the same one when you send again."
        error = FieldError(
            field=HEADER, detail="Missing, or not 1 to 255 visible ASCII characters.", remedy=remedy
        )
        raise Problem(400, "idempotency-key", "No usable Idempotency-Key", remedy, [error])
    return key


def attempt(key: str, clinical: Clinical | None, files: list[bytes]) -> Attempt:
    """This request, told apart by its route, its canonical JSON and the hashes of its files."""
    said = clinical.model_dump(mode="json") if clinical else None
    content = [request.method, request.path, said, [sha256(file).hexdigest() for file in files]]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return Attempt(platform_id(), key, sha256(canonical.encode()).digest())


# Asked in every submission, so it is put together once.
_ANSWER = select(IdempotencyKey.request_sha256, IdempotencyKey.response).where(
    IdempotencyKey.platform_id == bindparam("platform_id"),
    IdempotencyKey.key == bindparam("key"),
    IdempotencyKey.created_at > bindparam("forgotten"),
)


def answer_given(session: Session, this: Attempt) -> dict[str, Any] | None:
    """The answer that this request got before, if any. Raises Problem: 422 or 410."""
    asked = {"platform_id": this.platform_id, "key": this.key, "forgotten": now() - kept()}
    row = session.connection().execute(_ANSWER, asked).first()
    if row is None:
        return None
    if not row.response:
        remedy = "Use a new key to submit it again."
        error = FieldError(field=HEADER, detail="The case of this key was erased.", remedy=remedy)
        raise Problem(410, "erased", "Erased", f"{error.detail} {remedy}", [error])
    if row.request_sha256 != this.digest:
        remedy = "Use a new key for a new request."
        error = FieldError(field=HEADER, detail="This key was used for another request.", remedy=remedy)
        raise invalid(f"This Idempotency-Key belongs to another request. {remedy}", [error])
    found: dict[str, Any] = row.response
    return found


def look_up(this: Attempt) -> dict[str, Any] | None:
    """`answer_given` on a connection of its own, outside any transaction."""
    with services().sessions() as session:
        # One statement needs no BEGIN and no ROLLBACK around it, each a round trip.
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        return answer_given(session, this)


def begin(session: Session, this: Attempt) -> dict[str, Any] | None:
    """Hold the key until the transaction ends; the answer given before, if any.

    Raises Problem: 409 while another request holds the key, 422 or 410 as `answer_given`.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(this.lock, 1)))):
        raise still_running()
    return answer_given(session, this)


def remember(session: Session, this: Attempt, case_id: UUID, answer: dict[str, Any]) -> None:
    """Store the answer with the case, in its transaction. A key that has expired begins anew."""
    row = insert(IdempotencyKey).values(
        platform_id=this.platform_id, key=this.key, request_sha256=this.digest,
        case_id=case_id, response=answer, created_at=now(),
    )  # fmt: skip
    fresh = {name: row.excluded[name] for name in ("request_sha256", "case_id", "response", "created_at")}
    session.execute(row.on_conflict_do_update(index_elements=["platform_id", "key"], set_=fresh))


def still_running() -> Problem:
    """409: the first request with this key has not ended."""
    remedy = "Wait a second, then send it again."
    error = FieldError(field=HEADER, detail="A request with this key is still running.", remedy=remedy)
    detail = f"{error.detail} {remedy}"
    return Problem(409, "still-running", "Still running", detail, [error], {"Retry-After": "1"})


def empty_answers(session: Session, case_id: UUID) -> None:
    """Forget what was asked and answered about an erased case; its keys answer 410 from now on."""
    forgotten = update(IdempotencyKey).where(IdempotencyKey.case_id == case_id)
    session.execute(forgotten.values(request_sha256=b"", response={}))


def forget_old_keys(session: Session, days: int) -> int:
    """Delete the keys that nobody remembers any more; how many. For a schedule."""
    deleted = delete(IdempotencyKey).where(IdempotencyKey.created_at <= now() - timedelta(days=days))
    return len(session.execute(deleted.returning(IdempotencyKey.key)).all())


def kept() -> timedelta:
    """For how long a key is remembered."""
    return timedelta(days=limits().idempotency_key_days)
