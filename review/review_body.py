"""A review as the API answers it."""

from typing import Any
from uuid import UUID

from db.ids import now
from db.models import Assessment, Review
from review.image_addresses import image_address
from review.reading import Reading, Seen
from review.schemas import AiResult, CaseUnderReview, OtherReading, Photograph, ReviewBody
from review.undoing import undo_until
from review.wording import SIGNAL_WORDS


def review_body(seen: Seen) -> dict[str, Any]:
    """The body as JSON data."""
    review, reading = seen.review, seen.reading
    body = ReviewBody.model_validate(
        {
            "id": review.id,
            "case_id": review.case_id,
            "state": seen.state,
            # A known case is read like any other.
            "kind": "first" if review.kind == "known" else review.kind,
            "claimed_at": review.claimed_at,
            "held_until": reading.case.review_until if reading else None,
            "verdict": review.verdict,
            "level": review.level,
            "diagnosis": review.diagnosis,
            "diagnosis_code": review.diagnosis_code,
            "reason": review.reason,
            "laboratory": review.laboratory,
            "decided_at": review.decided_at,
            "final_at": review.final_at,
            "undo_until": undo_until(review, now()),
            "blind": reading.blind if reading else False,
            "blind_level": review.blind_level,
            "blind_diagnosis": review.blind_diagnosis,
            "blind_diagnosis_code": review.blind_diagnosis_code,
            "revealed_at": review.revealed_at,
            "others": [_other(other) for other in (reading.others if reading else seen.others)],
            "case": _case(review.id, reading) if reading else None,
        }
    )
    return body.model_dump(mode="json")


def _other(review: Review) -> OtherReading:
    return OtherReading.model_validate(review, from_attributes=True)


def _case(review_id: UUID, reading: Reading) -> CaseUnderReview:
    case, assessment = reading.case, reading.assessment
    return CaseUnderReview(
        id=case.id,
        level=case.level,
        due_at=case.due_at,
        accepted_at=case.accepted_at,
        flags=case.flags,
        reasons=case.reasons,
        clinical=case.clinical,
        photographs=[
            Photograph(
                n=image.position,
                round=image.round,
                href=image_address("reviews.photograph", review_id, image.position),
                saliency=image_address("reviews.saliency", review_id, image.position)
                if place in reading.overlays
                else None,
            )
            for place, image in enumerate(reading.images)
        ],
        ai_result=_ai_result(assessment) if assessment else None,
    )


def _ai_result(assessment: Assessment) -> AiResult:
    return AiResult(
        level=assessment.level,
        findings=assessment.findings,
        classifier=assessment.classifier,
        explanation=assessment.explanation,
        flags=assessment.flags,
        reasons=assessment.reasons,
        image_quality=assessment.image_quality,
        signals={name: assessment.signals.get(name) for name in SIGNAL_WORDS},
        prediction_set=assessment.signals.get("prediction_set"),
        coverage=assessment.signals.get("coverage"),
        provenance=assessment.provenance,
        late=assessment.late,
        assessed_at=assessment.created_at,
    )
