"""Which cases are read blind first, and which decisions another person reads again: pure, from the policy.

A blind reading is chosen by what intake knows or by chance, never by the model: that a case is blind must
tell nothing of the AI result. Chance is drawn from ids, so that it can be checked afterwards.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from triage.decision import RANK, Decision, Flag, Level
from triage.findings import Condition
from triage.rule import Strict

Share = Annotated[float, Field(ge=0, le=1)]
Why = Literal["emergency_downgraded", "suspected", "low_agreement", "chance"]


class BlindReading(Strict):
    """Read blind first: cases of these provisional levels, with these flags at intake, and a random share."""

    levels: tuple[Level, ...] = ()
    flags: tuple[Flag, ...] = ()
    share: Share = 0


class SecondReading(Strict):
    """Read again by another person: an emergency that was lowered, a diagnosis of these, a level that lies
    `low_agreement_steps` or more from the AI result's (0: never for that), and a random share.
    """

    emergency_downgraded: bool = True
    diagnoses: tuple[Condition, ...] = ("mpox",)
    low_agreement_steps: Annotated[int, Field(ge=0, le=4)] = 2
    share: Share = 0


class Readings(Strict):
    """How often people look, and what they know when they do."""

    blind: BlindReading = BlindReading()
    second: SecondReading = SecondReading()


def reads_blind(readings: Readings, floor: Decision, case_id: UUID) -> bool:
    """True for a case whose first reader must not know the AI result; `floor` is the decision at intake."""
    rule = readings.blind
    return (
        floor.level in rule.levels
        or not set(rule.flags).isdisjoint(floor.flags)
        or chance(case_id, "blind") < rule.share
    )


def second_reading(
    readings: Readings,
    *,
    before: Level,
    decided: Level,
    diagnosis: str | None,
    ai_level: Level | None,
    review_id: UUID,
) -> tuple[Why, ...]:
    """Why another person must read the case that was decided so; empty where nobody must."""
    rule = readings.second

    def reasons() -> Iterator[Why]:
        if rule.emergency_downgraded and before == "emergency" != decided:
            yield "emergency_downgraded"
        if diagnosis in rule.diagnoses:
            yield "suspected"
        steps = abs(RANK[decided] - RANK[ai_level]) if ai_level else 0
        if 0 < rule.low_agreement_steps <= steps:
            yield "low_agreement"
        if chance(review_id, "second") < rule.share:
            yield "chance"

    return tuple(reasons())


def chance(drawn_from: UUID, purpose: str) -> float:
    """A number from 0 to below 1 that looks random, the same each time for the same id and purpose."""
    digest = sha256(f"{purpose}|{drawn_from}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56
