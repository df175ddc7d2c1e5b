"""One factory a model: valid rows in the database, with the fields that a test cares about."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from db.audit import first_entry
from db.ids import new_id, now
from db.models import Case, Clinician, FurtherReading, Image, Platform, Review
from triage import RANK, example_clinical
from web.credentials import create_clinician

PASSWORD = "a long pass phrase"


def make_platform(session: Session, name: str = "clinic-online") -> Platform:
    """A committed platform."""
    platform = Platform(name=name)
    session.add(platform)
    session.commit()
    return platform


def make_clinician(session: Session, email: str = "reader@example.org") -> Clinician:
    """A committed clinician with the password above."""
    clinician = create_clinician(session, email, "Dr Reader", PASSWORD)
    session.commit()
    return clinician


def make_case(session: Session, platform: Platform, *, level: str = "routine", **fields: Any) -> Case:
    """A committed case with its first audit entry, queued unless told otherwise."""
    accepted = fields.pop("accepted_at", now())
    case_id = new_id()
    entry = first_entry(
        case_id,
        at=accepted,
        actor=f"platform:{platform.id}",
        action="case.accepted",
        status=fields.get("status", "queued"),
    )
    reasons = [{"rule": f"default.{level}", "text": "made for a test"}]
    case = Case(
        **{
            "id": case_id,
            "platform_id": platform.id,
            "accepted_at": accepted,
            "patient_ref": "synthetic-1",
            "region": "FR-75",
            "clinical": example_clinical(),
            "provisional_level": level,
            "provisional_reasons": reasons,
            "level": level,
            "rank": RANK[level],  # type: ignore[index]
            "due_at": accepted + timedelta(hours=24),
            "provisional_due_at": accepted + timedelta(hours=24),
            "reasons": reasons,
            "review_from": accepted + timedelta(hours=6),
            "audit_seq": 1,
            "audit_head": entry.hash,
            **fields,
        }
    )
    session.add_all([case, entry])
    session.commit()
    return case


def make_image(
    session: Session, case: Case, *, sha256: str, position: int = 0, platform_id: UUID | None = None
) -> Image:
    """A committed image row; the bytes are the image store's matter."""
    image = Image(
        case_id=case.id,
        platform_id=platform_id or case.platform_id,
        position=position,
        sha256=sha256,
        content_type="image/jpeg",
        size=1,
        width=8,
        height=8,
    )
    session.add(image)
    session.commit()
    return image


def make_further(session: Session, case: Case, first_id: UUID, **fields: Any) -> FurtherReading:
    """A committed second reading of a case that `first` decided."""
    review = Review(
        case_id=case.id, clinician_id=first_id, verdict="override", level=case.level, diagnosis="other",
        reason="seen", decided_at=now(),
    )  # fmt: skip
    session.add(review)
    session.flush()
    further = FurtherReading(
        **{
            "case_id": case.id, "kind": "second", "review_id": review.id, "why": ["suspected"],
            "takes_effect": False, "excluded": [first_id], "rank": case.rank, "due_at": case.due_at,
            "created_at": now() - timedelta(seconds=1), **fields,
        }
    )  # fmt: skip
    session.add(further)
    session.commit()
    return further
