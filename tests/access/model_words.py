"""What a model may have said of the blind cases, put into the database, and what of it would show."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, case, delete, insert, select, update

from db.models import Assessment, Case, FurtherReading, Notice, Review, SaliencyMap
from triage import CONDITIONS, RANK, Level


class Said(NamedTuple):
    """A model's result, with a word and numbers that stand nowhere else."""

    word: str
    level: Level
    condition: str
    due_in: timedelta
    flags: list[str]
    probability: float
    why: str

    def marks(self, at: datetime) -> tuple[str, ...]:
        """What of it would stand in an answer: words, numbers, the due time as programs and pages say it."""
        due, p = at + self.due_in, self.probability
        times = (f"{due:%Y-%m-%dT%H:%M}", f"{due:%d %b %H:%M}")
        return (self.word, f"{p}", f"{p:.2f}", f"{p * 100:.1f}", f"{p * 100:.0f} %", *times)


# Late by its due time and more urgent than intake said; not urgent at all; no result, because it failed.
RESULTS: tuple[Said | None, ...] = (
    Said(
        "krakatoa", "urgent", "mpox", timedelta(hours=-2, minutes=-17),
        ["models_disagree", "explanation_conflict"], 0.8137, "low_agreement",
    ),
    Said(
        "vesuvius", "self_care", "sek", timedelta(days=5, hours=3),
        ["image_ignored", "low_confidence"], 0.6241, "chance",
    ),
    None,
)  # fmt: skip


def say(connection: Connection, case_ids: list[UUID], said: Said | None, at: datetime) -> None:
    """Put this result in the place of the one that these cases have."""
    if said is None:
        _fail(connection, case_ids)
        return
    reasons = [{"rule": f"model.{said.word}", "text": f"The model says {said.word}."}]
    findings = _findings(said)
    assessments = select(Assessment.id).where(Assessment.case_id.in_(case_ids))
    result = {
        "level": said.level, "flags": said.flags, "reasons": reasons, "explanation": said.word,
        "findings": findings, "classifier": findings, "provenance": {"model": said.word},
        "signals": {
            "entropy": said.probability, "prediction_set": [said.condition], "coverage": 0.9,
        },
    }  # fmt: skip
    for statement in (
        update(Assessment).where(Assessment.case_id.in_(case_ids)).values(result),
        update(SaliencyMap).where(SaliencyMap.assessment_id.in_(assessments)).values(png=said.word.encode()),
        update(Case)
        .where(Case.id.in_(case_ids))
        .values(flags=said.flags, reasons=reasons, due_at=at + said.due_in),
        update(Case).where(*_undecided(case_ids)).values(level=said.level, rank=RANK[said.level]),
        update(FurtherReading).where(FurtherReading.case_id.in_(case_ids)).values(why=[said.why]),
    ):
        connection.execute(statement)
    if said.due_in < timedelta(0):
        connection.execute(insert(Notice), [_overdue(case_id, said) for case_id in case_ids])


def _fail(connection: Connection, case_ids: list[UUID]) -> None:
    undecided = _undecided(case_ids)
    failed = case((Case.status == "awaiting_review", "failed"), else_=Case.status)
    cases = select(Case.id).where(*undecided)
    # A review that names the result would go with it.
    connection.execute(update(Review).where(Review.case_id.in_(cases)).values(assessment_id=None))
    connection.execute(delete(Assessment).where(Assessment.case_id.in_(cases)))
    connection.execute(
        update(Case).where(*undecided).values(assess_state="failed", flags=["no_ai_result"], status=failed)
    )


def _undecided(case_ids: list[UUID]) -> tuple[ColumnElement[bool], ...]:
    """A clinician's level stands on a case that was decided, whatever the model said."""
    return Case.id.in_(case_ids), Case.status != "completed"


def _findings(said: Said) -> list[dict[str, object]]:
    others = (1 - said.probability) / (len(CONDITIONS) - 1)
    return [
        {"condition": name, "probability": said.probability if name == said.condition else others}
        for name in CONDITIONS
    ]


def _overdue(case_id: UUID, said: Said) -> dict[str, object]:
    """As the sweep does when a due time has passed."""
    return {
        "kind": "overdue", "stage": 1, "role": "clinician", "case_id": case_id, "subject": "",
        "detail": f"level:{said.level}",
    }  # fmt: skip
