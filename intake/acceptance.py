"""Accepts a case: everything that must be true of it, in one transaction.

The rule floor is decided here, before any model; it orders the queue and stands in the answer.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from db.audit import first_entry
from db.events import EventType, new_event
from db.ids import new_id, now
from db.notices import alarm_if_unclaimable
from intake.answers import accepted_answer
from intake.idempotency import Attempt, kept
from intake.photographs import Photograph
from intake.store_case import store_case
from intake.stored_images import image_rows, put_again
from triage import Clinical, Decision, Policy, decide, due_at, reads_blind

# A quarter of its target without an AI result, then a case goes to review as it is.
WAIT_FOR_MODEL = 4


def accept(
    session: Session,
    this: Attempt,
    clinical: Clinical,
    photographs: list[Photograph],
    *,
    policy: Policy,
    actor: str,
) -> dict[str, Any]:
    """Store a case whose photographs lie in the image store; the answer to its platform.

    Raises as `store_case`. The caller commits.
    """
    accepted_at, case_id = now(), new_id()
    decision = decide(None, clinical, policy)
    due = due_at(accepted_at, decision.level, policy)
    answer = accepted_answer(case_id, decision, due, len(photographs))
    entry = first_entry(case_id, at=accepted_at, actor=actor, action="case.accepted", status="queued")
    row = _case_row(this.platform_id, case_id, clinical, decision, accepted_at, due)
    row["blind"] = reads_blind(policy.readings, decision, case_id)
    types: list[EventType] = ["case.accepted"]
    if decision.level == "emergency":
        types.append("case.emergency")
    store_case(
        session,
        this,
        case=row | {"audit_seq": 1, "audit_head": entry.hash},
        images=image_rows(this.platform_id, case_id, photographs, at=accepted_at),
        entry=entry,
        events=[
            new_event(name, platform_id=this.platform_id, case_id=case_id, level=decision.level)
            for name in types
        ],
        answer=answer,
        forgotten=accepted_at - kept(),
    )
    alarm_if_unclaimable(
        session, case_id, platform_id=this.platform_id, region=clinical.region, language=row["language"]
    )
    put_again(this.platform_id, photographs)
    return answer


def review_from(at: datetime, level: str, target: timedelta) -> datetime:
    """From when clinicians may claim a case that waits for the model since `at`; an emergency never waits."""
    return at if level == "emergency" else at + target / WAIT_FOR_MODEL


def _case_row(
    platform_id: UUID,
    case_id: UUID,
    clinical: Clinical,
    decision: Decision,
    accepted_at: datetime,
    due: datetime,
) -> dict[str, Any]:
    reasons = [reason.model_dump() for reason in decision.reasons]
    return {
        "id": case_id,
        "platform_id": platform_id,
        "accepted_at": accepted_at,
        "status": "queued",
        "patient_ref": clinical.patient_ref,
        "region": clinical.region,
        "clinical": clinical.model_dump(mode="json"),
        "provisional_level": decision.level,
        "provisional_reasons": reasons,
        "level": decision.level,
        "rank": decision.rank,
        "due_at": due,
        "flags": list(decision.flags),
        "provisional_flags": list(decision.flags),
        "provisional_due_at": due,
        "language": clinical.language.partition("-")[0],
        "known": False,
        "awaits_reading": False,
        "escalation_stage": 0,
        "reasons": reasons,
        "review_from": review_from(accepted_at, decision.level, due - accepted_at),
        "assess_state": "waiting",
        "round": 0,
        "attempts": 0,
        "batch_limit": 0,
        "counted": [],
    }
