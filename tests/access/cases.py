"""A case in every state, made by the product's own ways as far as they go.

Whoever has read a case here is `somebody`; a trial puts the person under test in their place (`give_to`), so
that each person finds the same case in their own hands. In scenes named `others_…` another person stays.
"""

import io
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from PIL import Image as Pillow
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import further_readings
from db.ids import now
from db.image_store import ImageStore, content_hash
from db.models import Case, FurtherReading, Platform, Review, SaliencyMap
from db.readers import reader_of
from tests.access.people import LANGUAGE, REGION, Person
from tests.access.world import Trial, World
from tests.factories import make_case, make_image
from tests.review.conftest import make_assessment
from triage import RANK, example_clinical
from web.services import EXTENSION

LEASE = timedelta(minutes=15)
# What nothing but a case of the matrix says.
PATIENT = "patient-of-the-matrix"
COMPLAINT = "zebrafish"
OVERLAY = b"\x89PNG overlay of the matrix"


class Scene(NamedTuple):
    """A case and the review by which somebody reads it; ids of nothing where there is none."""

    name: str
    case_id: UUID
    review_id: UUID
    further_id: UUID

    @property
    def traces(self) -> tuple[str, ...]:
        """What must not stand in an answer to who may not know of the case."""
        ids = (str(self.case_id), str(self.case_id)[-8:], str(self.review_id), str(self.further_id))
        return (*ids, PATIENT, COMPLAINT)

    def is_told(self, shown: str) -> bool:
        """Whether an answer tells anything of the case."""
        return any(trace in shown for trace in self.traces)


class Maker:
    """Makes the scenes on a world that is not on trial."""

    def __init__(self, session: Session, world: World, platform: Platform, *people: Person) -> None:
        self.session, self.world, self.platform = session, world, platform
        self.somebody, self.another, self.third = people
        self.images: ImageStore = world.app.extensions[EXTENSION].images
        self.photograph = _photograph()

    def case(self, status: str = "awaiting_review", *, assessed: bool = True, **fields: Any) -> Case:
        """A case with a photograph and, where it was assessed, an AI result with an overlay."""
        standing: dict[str, Any] = {
            "status": status, "assess_state": "done" if assessed else "failed",
            "region": REGION, "language": LANGUAGE, "patient_ref": PATIENT,
            "clinical": example_clinical() | {"region": REGION, "free_text": COMPLAINT},
        }  # fmt: skip
        case = make_case(self.session, self.platform, level="priority", **{**standing, **fields})
        name = content_hash(self.photograph)
        self.images.put(case.platform_id, name, self.photograph)
        make_image(self.session, case, sha256=name)
        if assessed:
            found = make_assessment(self.session, case, "sek", "priority")
            self.session.add(SaliencyMap(assessment_id=found.id, position=0, png=OVERLAY))
            self.session.commit()
        return case

    def claimed(self, case: Case, person: Person | None = None) -> UUID:
        """The review by which the person, `somebody` if not told, holds the case."""
        answer = self.send(person or self.somebody, "POST", "/v1/reviews/claim", {"case_id": str(case.id)})
        return UUID(answer["id"])

    def decided(self, review_id: UUID, person: Person | None = None, **body: Any) -> None:
        """A verdict, an override if not told."""
        verdict = {"verdict": "override", "level": "priority", "reason": "seen before"}
        self.send(person or self.somebody, "POST", f"/v1/reviews/{review_id}/decision", body or verdict)

    def send(self, person: Person, method: str, address: str, body: Any = None) -> Any:
        """A request that must succeed."""
        headers = {"Authorization": f"Bearer {person.bearer}"}
        answer = self.world.app.test_client().open(address, method=method, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json

    def settled(self, case: Case) -> None:
        """The window to undo has passed long ago."""
        past = now() - timedelta(hours=1)
        self.session.execute(update(Case).where(Case.id == case.id).values(completed_at=past, final_at=past))
        decided = Review.case_id == case.id, Review.decided_at.is_not(None)
        reviews = self.session.scalars(select(Review).where(*decided)).all()
        for review in reviews:
            self.session.refresh(review)
            review.decided_at = review.final_at = past
            if review.before:
                review.before = review.before | {"until": past.isoformat()}
        self.session.commit()

    def asked_again(self, case: Case, kind: str, reader: Person) -> FurtherReading:
        """A further reading of a case that this reader has decided, waiting."""
        review_id = self.claimed(case, reader)
        if case.blind:
            own = {"blind_level": "priority", "blind_diagnosis": "other"}
            self.send(reader, "POST", f"/v1/reviews/{review_id}/reveal", own)
        self.decided(review_id, reader)
        self.settled(case)
        self.session.execute(
            update(FurtherReading).where(FurtherReading.case_id == case.id).values(state="cancelled")
        )
        further = FurtherReading(
            case_id=case.id, kind=kind, review_id=review_id, why=["chance"], takes_effect=False,
            other_review_id=review_id if kind == "adjudication" else None,
            excluded=[reader.id], rank=RANK["priority"], due_at=now() + timedelta(hours=20),
        )  # fmt: skip
        self.session.add(further)
        self.session.commit()
        return further

    def taken(self, further: FurtherReading, reader: Person) -> UUID:
        """The review by which the reader holds a further reading."""
        found = further_readings.claim(
            self.session, reader_of(self.session, reader.id), further.id, now(), LEASE
        )
        assert found is not None
        self.session.commit()
        return found


def give_to(trial: Trial, person: Person, somebody: Person) -> None:
    """Put this person in the place of who read the cases."""
    for table, column in (
        ("reviews", "clinician_id"), ("cases", "reviewer_id"), ("further_readings", "reviewer_id"),
        ("review_drafts", "clinician_id"),
    ):  # fmt: skip
        trial.run(
            f"UPDATE {table} SET {column} = :person WHERE {column} = :somebody",
            person=person.id, somebody=somebody.id,
        )  # fmt: skip


def let_time_pass(trial: Trial, scene: Scene) -> None:
    """End the lease in the scene that is about it. Not earlier: the next look at the queue gives it back."""
    if scene.name == "expired":
        ended = "UPDATE cases SET review_until = now() - interval '1 second' WHERE id = :id"
        trial.run(ended, id=scene.case_id)


def _photograph() -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (8, 8), "brown").save(out, "JPEG")
    return out.getvalue()
