"""A random world of several hundred reviews, with everything that must not count among them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import Assessment, Case, Clinician, KnownCase, ModelVersion, Platform, Review
from triage import CONDITIONS, LEVELS, RANK, example_clinical

HOUR = timedelta(hours=1)


class World:
    """Draws rows; the same seed draws the same world. All times lie before `at`."""

    def __init__(self, session: Session, at: datetime, seed: int = 7) -> None:
        self.session, self.at, self.chance, self.numbers = session, at, Random(seed), count()
        self.platforms = [Platform(name=f"platform {n}") for n in range(3)]
        self.people = [
            Clinician(email=f"reader{n}@example.org", name=f"Reader {n}", password_hash="", role="clinician")
            for n in range(3)
        ]
        self.models = [ModelVersion(ref=f"model-{n}", revision=f"{n}" * 64, provenance={}) for n in range(2)]
        session.add_all([*self.platforms, *self.people, *self.models])
        session.flush()

    def fill(self, cases: int) -> None:
        """So many cases with what people did to them, and a few known cases."""
        for _ in range(cases):
            case = self._case()
            assessment = self._assessment(case)
            self._readings(case, assessment)
        for _ in range(cases // 8):
            self._known_case()
        self.session.commit()

    def _case(self, **fields: Any) -> Case:
        chance = self.chance
        accepted = self.at - timedelta(days=chance.uniform(3, 90))
        level = chance.choice(LEVELS)
        sexes = ("female", "male", "other", "unknown")
        clinical = example_clinical() | {
            "age": {"years": chance.choice((0, 1, 2, 11, 12, 17, 18, 39, 40, 64, 65, 90))},
            "sex": chance.choice(sexes),
            "fitzpatrick": chance.choice((1, 2, 3, 4, 5, 6, None)),
        }
        if clinical["fitzpatrick"] is None and chance.random() < 0.5:
            del clinical["fitzpatrick"]
        case = Case(
            **{
                "id": new_id(),
                "platform_id": chance.choice(self.platforms).id,
                "accepted_at": accepted,
                "status": "completed",
                "assess_state": "done",
                "patient_ref": f"p{next(self.numbers)}",
                "region": chance.choice(("FR-75", "FR-69", "DE-BE")),
                "clinical": clinical,
                "provisional_level": level,
                "provisional_reasons": [],
                "level": level,
                "rank": RANK[level],
                "due_at": accepted + chance.choice((1, 4, 24)) * HOUR,
                "provisional_due_at": accepted + 24 * HOUR,
                "reasons": [],
                "review_from": accepted,
                "completed_at": accepted,
                "final_at": accepted + HOUR,
                **fields,
            }
        )
        if chance.random() < 0.1:
            case.status = chance.choice(("awaiting_review", "needs_retake", "cancelled"))
        elif chance.random() < 0.05:
            case.final_at = self.at + HOUR
        self.session.add(case)
        self.session.flush()
        return case

    def _assessment(self, case: Case) -> Assessment | None:
        if self.chance.random() < 0.08:
            return None
        weights = [self.chance.random() ** 4 for _ in CONDITIONS]
        findings = [
            {"condition": name, "probability": round(weight / sum(weights), 6)}
            for name, weight in zip(CONDITIONS, weights, strict=True)
        ]
        self.chance.shuffle(findings)
        assessment = Assessment(
            case_id=case.id,
            round=0,
            model_version_id=self.chance.choice(self.models).id,
            findings=findings,
            classifier=[],
            explanation="",
            image_quality=[],
            level=self.chance.choice((*LEVELS[1:4], *LEVELS[1:4], *LEVELS, "not_gradable")),
            flags=[],
            reasons=[],
            provenance={},
        )
        self.session.add(assessment)
        self.session.flush()
        return assessment

    def _readings(self, case: Case, assessment: Assessment | None) -> None:
        chance = self.chance
        moment = case.accepted_at + chance.uniform(0.1, 30) * HOUR
        if chance.random() < 0.15:
            moment = self._decided(
                case, assessment, "first", moment, verdict=chance.choice(("retake", "escalate"))
            )
        if chance.random() < 0.1:
            self._undone(case, assessment, moment)
        if chance.random() < 0.1:
            self._released(case, moment)
        moment = self._decided(case, assessment, "first", moment)
        if chance.random() < 0.35:
            moment = self._decided(case, assessment, "second", moment)
            if chance.random() < 0.7:
                self._decided(case, assessment, "adjudication", moment)

    def _known_case(self) -> None:
        source = self.session.query(Case).first()
        assert source is not None
        case = self._case(known=True)
        assessment = self._assessment(case)
        level, diagnosis = self._answer(assessment)
        self.session.add(
            KnownCase(
                case_id=case.id,
                source_case_id=source.id,
                level=level,
                diagnosis=diagnosis,
                seeded_by=self.people[0].id,
            )
        )
        for _ in range(self.chance.randint(0, 2)):
            self._decided(case, assessment, "known", case.accepted_at + HOUR)

    def _decided(
        self,
        case: Case,
        assessment: Assessment | None,
        kind: str,
        claimed: datetime,
        verdict: str | None = None,
    ) -> datetime:
        chance = self.chance
        decided = claimed + timedelta(seconds=chance.uniform(20, 3000))
        review = self._review(case, assessment, kind, claimed, decided, verdict)
        if chance.random() < 0.1:
            # Undone once and decided anew.
            review.undone_at = decided - timedelta(seconds=5)
        if chance.random() < 0.3:
            review.blind, review.revealed_at = True, decided
            review.blind_level, review.blind_diagnosis = self._answer(assessment)
        for superseded in self._corrections(review, decided):
            superseded.reason = "wrong key"
        return decided

    def _corrections(self, review: Review, decided: datetime) -> Iterator[Review]:
        chance = self.chance
        superseded = review
        for number in range(1, 4):
            if chance.random() > 0.25:
                return
            moment = decided + number * HOUR
            amendment = Review(
                case_id=review.case_id,
                clinician_id=chance.choice((review.clinician_id, chance.choice(self.people).id)),
                kind="amendment",
                claimed_at=moment,
                decided_at=moment,
                final_at=moment,
                supersedes_id=superseded.id,
                verdict="override",
            )
            amendment.level, amendment.diagnosis = self._answer(None)
            if chance.random() < 0.2:
                amendment.undone_at = moment + timedelta(seconds=5)
            self.session.add(amendment)
            self.session.flush()
            yield superseded
            if amendment.undone_at is None:
                superseded = amendment

    def _review(
        self,
        case: Case,
        assessment: Assessment | None,
        kind: str,
        claimed: datetime,
        decided: datetime,
        verdict: str | None,
    ) -> Review:
        level, diagnosis = self._answer(assessment)
        agrees = assessment is not None and level == assessment.level
        review = Review(
            id=new_id(),
            case_id=case.id,
            clinician_id=self.chance.choice(self.people).id,
            kind=kind,
            assessment_id=assessment.id if assessment else None,
            claimed_at=claimed,
            decided_at=decided,
            final_at=decided,
            verdict=verdict or ("confirm" if agrees else "override"),
            level=level,
            diagnosis=None if verdict else diagnosis,
        )
        self.session.add(review)
        self.session.flush()
        return review

    def _undone(self, case: Case, assessment: Assessment | None, claimed: datetime) -> None:
        decided = claimed + timedelta(seconds=30)
        review = self._review(case, assessment, "first", claimed, decided, None)
        review.undone_at = decided + timedelta(seconds=10)

    def _released(self, case: Case, claimed: datetime) -> None:
        self.session.add(
            Review(
                case_id=case.id,
                clinician_id=self.chance.choice(self.people).id,
                claimed_at=claimed,
                released_at=claimed + HOUR,
            )
        )

    def _answer(self, assessment: Assessment | None) -> tuple[str, str | None]:
        """As the AI result more often than not."""
        chance = self.chance
        level: str = chance.choice(LEVELS)
        diagnosis: str | None = chance.choice((*CONDITIONS, "other", None))
        if assessment is not None and assessment.level != "not_gradable" and chance.random() < 0.6:
            level = assessment.level
        if assessment is not None and chance.random() < 0.6:
            diagnosis = max(assessment.findings, key=lambda it: it["probability"])["condition"]
        return level, diagnosis
