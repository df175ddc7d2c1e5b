"""What a rule may ask: each question of the schema, and the facts derived here, one small function each.

A fact is True, False, or None while its answer is unknown. A model that has not spoken suspects nothing: its
facts are False without findings, so that findings can only ever add to what rules see.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from triage.clinical import Answer, Clinical
from triage.findings import CONDITIONS, Condition, Findings
from triage.questions import QUESTIONS, answer

Suspicion = Condition | Literal["infection"]
Truth = bool | None
DerivedFact = Callable[[Clinical, Findings | None, Mapping[Suspicion, float]], Truth]

INFECTIONS: tuple[Condition, ...] = ("mpox", "chickenpox", "measles")

_TRUTH: dict[Answer, Truth] = {"yes": True, "no": False, "unknown": None}


def _under_3_months(clinical: Clinical, findings: Findings | None, suspected: object) -> bool:
    return clinical.age.months is not None and clinical.age.months < 3


def _under_8_years(clinical: Clinical, findings: Findings | None, suspected: object) -> bool:
    return clinical.age.years < 8


def _suspected_infection(
    clinical: Clinical, findings: Findings | None, suspected: Mapping[Suspicion, float]
) -> bool:
    if findings is None:
        return False
    return sum(map(findings.probability_of, INFECTIONS)) >= suspected["infection"]


def _suspected_condition(
    condition: Condition, clinical: Clinical, findings: Findings | None, suspected: Mapping[Suspicion, float]
) -> bool:
    if findings is None:
        return False
    # The model's own operating point can only add a suspicion: what the policy suspects stays suspected.
    from_here_on = min(suspected[condition], findings.operating_points.get(condition, 1.0))
    return findings.probability_of(condition) >= from_here_on


SUSPECTED = "model.suspected."

DERIVED: dict[str, DerivedFact] = {
    "age.under_3_months": _under_3_months,
    "age.under_8_years": _under_8_years,
    SUSPECTED + "infection": _suspected_infection,
    **{SUSPECTED + condition: partial(_suspected_condition, condition) for condition in CONDITIONS},
}

FACTS: tuple[str, ...] = (*QUESTIONS, *DERIVED)


def truth_of(
    fact: str, clinical: Clinical, findings: Findings | None, suspected: Mapping[Suspicion, float]
) -> Truth:
    """Whether `fact`, one of `FACTS`, holds; `suspected` gives the least probability for a suspicion."""
    if fact in DERIVED:
        return DERIVED[fact](clinical, findings, suspected)
    return _TRUTH[answer(clinical, fact)]
