"""Finds a case of the platform that asks. Another platform's case does not exist for it: 404."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case
from web.access import platform_id
from web.problem import FieldError, not_found


class CasePath(BaseModel):
    """The address of a case."""

    case_id: UUID = Field(description="The id of the case")


def own_case(session: Session, case_id: UUID, *, lock: bool = False) -> Case:
    """The case, its row held until the transaction ends where `lock` is set. Raises Problem (404)."""
    query: Any = select(Case).where(Case.id == case_id, Case.platform_id == platform_id())
    if lock:
        query = query.with_for_update()
    found: Case | None = session.scalar(query)
    if found is None:
        problem = not_found("No case")
        remedy = "Check the id; it is in the answer to the submission and in GET /v1/cases."
        problem.errors.append(FieldError(field="id", detail=problem.detail, remedy=remedy))
        raise problem
    return found
