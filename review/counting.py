"""What a decided case counts as in surveillance. Pure: lists of {"condition", "status"} in and out."""

from collections.abc import Sequence
from typing import Any, Literal

from triage import Condition, Laboratory, SurveillanceStatus, surveillance_status

Diagnosis = Literal[Condition, "other"]


def counted_after_decision(
    before: Sequence[dict[str, Any]], diagnosis: Diagnosis | None, laboratory: Laboratory | None
) -> list[dict[str, Any]]:
    """The cells of a case once a clinician has decided.

    The diagnosis is counted as suspected (or what a laboratory result makes of mpox); what the AI result
    counted is ruled out where the diagnosis is another. Without a diagnosis nothing is said about the AI's
    condition: it stays preliminary.
    """
    counted = {cell["condition"]: cell["status"] for cell in before}
    if laboratory is not None:
        counted.setdefault("mpox", None)
    if diagnosis not in (None, "other"):
        counted.setdefault(diagnosis, None)
    after = {condition: _status(condition, diagnosis, laboratory, old) for condition, old in counted.items()}
    return [{"condition": condition, "status": status} for condition, status in after.items() if status]


def _status(
    condition: Condition, diagnosis: Diagnosis | None, laboratory: Laboratory | None, old: str | None
) -> SurveillanceStatus | str | None:
    if diagnosis is not None and diagnosis != "other":
        return surveillance_status(diagnosis, laboratory, counted_as=condition)
    found = surveillance_status(None, laboratory, counted_as=condition)
    if found != "suspected":
        return found
    # The laboratory says nothing, and no diagnosis of our list was made.
    return old if diagnosis is None else ("ruled_out" if old else None)
