"""Queued cases with drawn photographs, written straight into the database for benches and chaos runs."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from db.audit import first_entry
from db.ids import new_id, now
from db.image_store import ImageStore
from db.models import Case, Image, Platform
from dermtriage.local.drawing import Picture, draw_jpeg
from triage import RANK, Level, example_clinical


def make_platform(session: Session, name: str) -> UUID:
    """A platform; its id."""
    platform = Platform(name=name)
    session.add(platform)
    session.flush()
    return platform.id


def draw_photographs(count: int) -> list[bytes]:
    """JPEG files of 640 x 640 pixels."""
    return [draw_jpeg(Picture(seed=n, fitzpatrick=1 + n % 6, kind="macule", count=9)) for n in range(count)]


def store_photographs(store: ImageStore, platform_id: UUID, files: Sequence[bytes]) -> list[str]:
    """Their addresses in the store."""
    digests = [sha256(data).hexdigest() for data in files]
    for digest, data in zip(digests, files, strict=True):
        store.put(platform_id, digest, data)
    return digests


def add_case(
    session: Session, platform_id: UUID, photograph: str, *, level: Level = "routine", free_text: str = ""
) -> UUID:
    """One accepted case with one photograph, as intake writes it; its id."""
    case_id, accepted = new_id(), now()
    reasons = [{"rule": "default.routine", "text": "Made by code."}]
    entry = first_entry(
        case_id, at=accepted, actor=f"platform:{platform_id}", action="case.accepted", status="queued"
    )
    clinical: dict[str, Any] = example_clinical() | {"free_text": free_text}
    session.add_all(
        [
            Case(
                id=case_id,
                platform_id=platform_id,
                accepted_at=accepted,
                patient_ref="synthetic",
                region=clinical["region"],
                clinical=clinical,
                provisional_level=level,
                provisional_reasons=reasons,
                level=level,
                rank=RANK[level],
                due_at=accepted + timedelta(hours=24),
                provisional_due_at=accepted + timedelta(hours=24),
                reasons=reasons,
                review_from=accepted + timedelta(hours=6),
                audit_seq=1,
                audit_head=entry.hash,
            ),
            entry,
        ]
    )
    session.flush()
    session.add(
        Image(
            case_id=case_id,
            platform_id=platform_id,
            position=0,
            sha256=photograph,
            content_type="image/jpeg",
            size=1,
            width=640,
            height=640,
        )
    )
    return case_id
