"""A case in every state, made by the product's own ways as far as they go.

Whoever has read a case here is `somebody`; a trial puts the person under test in their place (`give_to`), so
that each person finds the same case in their own hands. In scenes named `others_…` another person stays.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from PIL import Image as Pillow
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import further_readings
from db.ids import new_id, now
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


Make = Callable[[Maker], tuple[Case, UUID | None, UUID | None]]
SCENES: dict[str, Make] = {}
BLIND: dict[str, Make] = {}


def scene(make: Make) -> Make:
    """Give a state of the matrix its name: that of the function."""
    SCENES[make.__name__] = make
    return make


def blind_scene(make: Make) -> Make:
    """Another state in which somebody must not know the AI result, beside `held_blind`."""
    BLIND[make.__name__] = make
    return make


def make_scenes(maker: Maker) -> dict[str, Scene]:
    """All of them, by name."""
    made = {}
    for name, make in {**SCENES, **BLIND}.items():
        case, review_id, further_id = make(maker)
        made[name] = Scene(name, case.id, review_id or new_id(), further_id or new_id())
    return made


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


# What waits: nobody has read it.


@scene
def queued(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("queued", assessed=False, assess_state="waiting"), None, None


@scene
def queued_long_ago(maker: Maker) -> tuple[Case, None, None]:
    waited = {"assess_state": "waiting", "review_from": now() - timedelta(hours=1)}
    return maker.case("queued", assessed=False, **waited), None, None


@scene
def assessing(maker: Maker) -> tuple[Case, None, None]:
    leased = {"assess_state": "leased", "lease_owner": "w", "lease_until": now() + timedelta(hours=1)}
    return maker.case("assessing", assessed=False, **leased), None, None


@scene
def awaiting_review(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(), None, None


@scene
def failed(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("failed", assessed=False, flags=["no_ai_result"]), None, None


@scene
def needs_retake(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("needs_retake", assess_state="none"), None, None


@scene
def cancelled(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("cancelled", assess_state="none", assessed=False), None, None


@scene
def awaits_reading(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(awaits_reading=True), None, None


@scene
def known(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(known=True, rank=3), None, None


@scene
def second_reading_waits(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "second", maker.another)
    return case, further.review_id, further.id


@scene
def adjudication_waits(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "adjudication", maker.another)
    return case, further.review_id, further.id


# In the person's own hands.


@scene
def held(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case()
    return case, maker.claimed(case), None


@scene
def held_without_result(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case("failed", assessed=False, flags=["no_ai_result"])
    return case, maker.claimed(case), None


@scene
def held_known(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(known=True, rank=3)
    return case, maker.claimed(case), None


@scene
def held_blind(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(blind=True)
    return case, maker.claimed(case), None


@scene
def held_revealed(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(blind=True)
    review_id = maker.claimed(case)
    own = {"blind_level": "routine", "blind_diagnosis": "other"}
    maker.send(maker.somebody, "POST", f"/v1/reviews/{review_id}/reveal", own)
    return case, review_id, None


@scene
def held_second_reading(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "second", maker.another)
    return case, maker.taken(further, maker.somebody), further.id


@scene
def held_adjudication(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "adjudication", maker.another)
    return case, maker.taken(further, maker.somebody), further.id


# In the person's hands no more.


@scene
def expired(maker: Maker) -> tuple[Case, UUID, None]:
    # Its lease ends in the trial: else the first look at the queue would give it back.
    return held(maker)


@scene
def released(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    maker.send(maker.somebody, "POST", f"/v1/reviews/{review_id}/release")
    return case, review_id, None


@scene
def settling(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    maker.decided(review_id)
    return case, review_id, None


@scene
def final(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = settling(maker)
    maker.settled(case)
    return case, review_id, None


@scene
def retake_asked(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    maker.decided(review_id, verdict="retake", reason="sharper, please")
    maker.settled(case)
    return case, review_id, None


@scene
def cancelled_while_held(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    key = maker.world.keys["clinic-online"]
    answer = maker.world.app.test_client().post(
        f"/v1/cases/{case.id}/cancel", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200, answer.text
    return case, review_id, None


# In another person's hands.


@scene
def others_held(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case()
    return case, maker.claimed(case, maker.another), None


@scene
def others_settling(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = others_held(maker)
    maker.decided(review_id, maker.another)
    return case, review_id, None


@scene
def others_final(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = others_settling(maker)
    maker.settled(case)
    return case, review_id, None


# Read blind: nobody here has recorded their own reading yet, or it is asked of another.


@blind_scene
def blind_waiting(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(blind=True), None, None


@blind_scene
def blind_released(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held_blind(maker)
    maker.send(maker.somebody, "POST", f"/v1/reviews/{review_id}/release")
    return case, review_id, None


@blind_scene
def blind_in_others_hands(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(blind=True)
    return case, maker.claimed(case, maker.another), None


@blind_scene
def blind_second_reading_waits(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case(blind=True)
    further = maker.asked_again(case, "second", maker.another)
    return case, further.review_id, further.id


@blind_scene
def blind_second_reading_held(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case(blind=True)
    further = maker.asked_again(case, "second", maker.another)
    return case, maker.taken(further, maker.somebody), further.id


def _photograph() -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (8, 8), "brown").save(out, "JPEG")
    return out.getvalue()
