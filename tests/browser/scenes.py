"""A queue to look at: the invented sample cases with made-up AI results, for screenshots and for axe.

Nobody's picture is shown: all are drawn by code. Levels, flags and reasons are what the policy makes of the
made-up findings.
"""

import io
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from PIL import Image as Pillow
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.counts import iso_week
from db.ids import now
from db.image_store import ImageStore, content_hash
from db.models import Case, Clinician, ModelVersion, Platform, Review, SaliencyMap, SurveillanceCount
from dermtriage.local.drawing import Picture
from dermtriage.local.sample_cases import SAMPLE_CASES, SampleCase
from tests.factories import make_case, make_image, make_platform
from tests.review.conftest import add_reader, make_assessment
from triage import CONDITIONS, RANK, Clinical, Policy, decide, due_at, load_policy
from triage.findings import Condition, Finding, Findings, ImageQuality
from triage.signals import prediction_set_of, signals_of

SEEN: dict[str, tuple[Condition, Condition, float]] = {
    "sample-01": ("mpox", "chickenpox", 0.71),
    "sample-02": ("mpox", "chickenpox", 0.44),
    "sample-03": ("chickenpox", "mpox", 0.78),
    "sample-04": ("measles", "chickenpox", 0.83),
    "sample-05": ("mel", "nev", 0.62),
    "sample-06": ("nev", "mel", 0.88),
    "sample-07": ("bcc", "scc", 0.66),
    "sample-08": ("ack", "sek", 0.57),
    "sample-09": ("sek", "nev", 0.81),
    "sample-10": ("healthy", "nev", 0.9),
}
"""What the made-up model finds first and second in a sample case; the others still wait for it."""

EXPLANATION = (
    "Fits best: {first}. {second} cannot be ruled out. Seen: medium light; redness; raised, firm lesions. "
    "Made up for the documentation: no model wrote this."
)
PROVENANCE = {
    "model": "made up for the documentation",
    "version": "1",
    "calibration": "made up",
    "policy_version": "default",
    "notice": "no model ran",
}


def sample(name: str) -> SampleCase:
    """A sample case by its name."""
    return next(case for case in SAMPLE_CASES if case.name == name)


def add_samples(session: Session, platform: Platform, images: ImageStore) -> dict[str, Case]:
    """All sample cases, accepted one after the other within the last hours; by their names."""
    ago = timedelta(hours=5)
    added = {}
    for case in SAMPLE_CASES:
        added[case.name] = add_sample(session, platform, images, case.name, accepted_at=now() - ago)
        ago -= timedelta(minutes=21)
    return added


def add_sample(session: Session, platform: Platform, images: ImageStore, name: str, **fields: Any) -> Case:
    """One sample case with its pictures and, where it has one, its made-up AI result."""
    one, policy = sample(name), load_policy(None)
    clinical = Clinical.model_validate(one.clinical())
    floor = decide(None, clinical, policy)
    found = findings_of(one) if name in SEEN else None
    decision = decide(found, clinical, policy) if found else floor
    accepted = fields.pop("accepted_at", now() - timedelta(hours=1))
    waits = {"status": "awaiting_review", "assess_state": "done"} if found else {"review_from": accepted}
    case = make_case(
        session, platform, level=decision.level,
        **{
            "accepted_at": accepted, "patient_ref": one.name, "clinical": clinical.model_dump(mode="json"),
            "region": clinical.region, "provisional_level": floor.level,
            "provisional_reasons": _reasons(floor), "provisional_flags": list(floor.flags),
            "provisional_due_at": due_at(accepted, floor.level, policy),
            "rank": RANK[decision.level], "due_at": due_at(accepted, decision.level, policy),
            "flags": list(decision.flags), "reasons": _reasons(decision), **waits, **fields,
        },
    )  # fmt: skip
    for position, data in enumerate(one.photographs()):
        images.put(platform.id, content_hash(data), data)
        make_image(session, case, sha256=content_hash(data), position=position)
    if found:
        _add_result(session, case, found, decision, one, policy)
    return case


def findings_of(one: SampleCase) -> Findings:
    """What the made-up model finds in a sample case."""
    first, second, top = SEEN[one.name]
    return Findings(
        findings=_spread(first, second, top),
        classifier=_spread(first, second, top - 0.15),
        explanation=EXPLANATION.format(first=first, second=second.capitalize()),
        image_quality=tuple(ImageQuality() for _ in one.pictures),
        image_dependence=0.42,
        prediction_set=(first, second) if top < 0.8 else (first,),
        set_coverage=0.9,
        provenance=dict(PROVENANCE),
    )


def overlay(picture: Picture) -> bytes:
    """A made-up saliency overlay of the shape of a drawn picture: blue to yellow, clear at the rim."""
    glow = Pillow.radial_gradient("L").resize((640, 640)).point(lambda value: max(0, 200 - value))
    red, blue = glow.point(lambda value: min(255, value * 2)), glow.point(lambda value: 220 - value)
    out = io.BytesIO()
    Pillow.merge("RGBA", (red, glow, blue, glow.point(lambda value: value * 3 // 4))).save(out, "PNG")
    return out.getvalue()


def _add_result(
    session: Session, case: Case, found: Findings, decision: Any, one: SampleCase, policy: Policy
) -> None:
    version = session.scalar(select(ModelVersion)) or ModelVersion(
        ref="made-up", revision="0" * 64, provenance=PROVENANCE
    )
    session.add(version)
    session.flush()
    dumped = found.model_dump(mode="json", exclude={"saliency"})
    assessment = make_assessment(
        session, case, found.top.condition, decision.level,
        findings=dumped["findings"], classifier=dumped["classifier"], explanation=found.explanation,
        image_quality=dumped["image_quality"], flags=list(decision.flags), reasons=_reasons(decision),
        signals=signals_of(found) | prediction_set_of(found),
        provenance=PROVENANCE | {"policy_version": policy.label},
    )  # fmt: skip
    session.add_all(
        SaliencyMap(assessment_id=assessment.id, position=place, png=overlay(picture))
        for place, picture in enumerate(one.pictures)
    )
    session.commit()


def _spread(first: Condition, second: Condition, top: float) -> tuple[Finding, ...]:
    rest = (1 - top) * 0.4 / 8
    known = {first: top, second: (1 - top) * 0.6}
    ordered = sorted(CONDITIONS, key=lambda condition: -known.get(condition, rest))
    return tuple(Finding(condition=one, probability=known.get(one, rest)) for one in ordered)


def _reasons(decision: Any) -> list[dict[str, Any]]:
    return [reason.model_dump(mode="json") for reason in decision.reasons]


@dataclass(frozen=True)
class People:
    """Who looks: one of each role, and a second reader."""

    reader: Clinician
    colleague: Clinician
    senior: Clinician
    administrator: Clinician
    auditor: Clinician
    analyst: Clinician


def fill(session: Session, images: ImageStore) -> People:
    """A working queue, as it may look in the afternoon; the people who work on it."""
    platform = make_platform(session, "Example telehealth")
    add_samples(session, platform, images)
    add_sample(
        session, platform, images, "sample-02", blind=True, accepted_at=now() - timedelta(hours=3),
        patient_ref="sample-02b",
    )  # fmt: skip
    people = People(
        reader=_person(session, "Dr Okafor", "clinician"),
        colleague=_person(session, "Dr Lindqvist", "clinician"),
        senior=_person(session, "Dr Moreau", "senior"),
        administrator=_person(session, "Sam Administrator", "administrator"),
        auditor=_person(session, "Ada Auditor", "auditor"),
        analyst=_person(session, "Kim Analyst", "analyst"),
    )
    add_history(session, platform, (people.reader, people.colleague, people.senior))
    return people


def add_history(session: Session, platform: Platform, readers: tuple[Clinician, ...]) -> None:
    """Some weeks of decided cases without photographs, for the figures, and their published counts."""
    chance = Random(7)
    for n in range(150):
        reader, level = readers[n % 3], chance.choice(("urgent", "priority", "routine"))
        agrees = chance.random() < (0.9, 0.8, 0.95)[n % 3]
        accepted = now() - timedelta(days=1 + n * 56 / 150)
        case = make_case(session, platform, level=level, status="completed", accepted_at=accepted)
        condition = chance.choice(("mpox", "chickenpox", "measles", "nev", "mel"))
        assessment = make_assessment(session, case, condition, level)
        claimed = accepted + timedelta(minutes=chance.uniform(5, 200))
        decided = claimed + timedelta(seconds=chance.uniform(20, 240))
        case.completed_at = case.final_at = decided
        session.add(
            Review(
                case_id=case.id, clinician_id=reader.id, assessment_id=assessment.id, claimed_at=claimed,
                decided_at=decided, final_at=decided, verdict="confirm" if agrees else "override",
                level=level if agrees else "routine", diagnosis=condition if agrees else "chickenpox",
                reason=None if agrees else "Made up.",
            )
        )  # fmt: skip
    for back in range(10):
        week = iso_week(now() - timedelta(weeks=back))
        for condition, most in (("mpox", 60), ("chickenpox", 90), ("measles", 14)):
            count = chance.randint(most // 4, most)
            session.add(
                SurveillanceCount(
                    week=week, region="FR-75", condition=condition, status="suspected", count=count
                )
            )
    session.commit()


def _person(session: Session, name: str, role: str) -> Clinician:
    person = add_reader(session, f"{name.split()[-1].lower()}@example.org")
    person.name, person.role = name, role
    session.commit()
    return person
