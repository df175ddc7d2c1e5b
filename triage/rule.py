"""One rule of a policy: which facts must hold, and the level that it then asks for at least."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from triage.facts import FACTS, Truth

# `self_care` is a clinician's to give, `not_gradable` is no rule's.
RuleLevel = Literal["emergency", "urgent", "priority", "routine"]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")]
Sentence = Annotated[str, Field(min_length=1)]
Line = Annotated[tuple[str, ...], Field(min_length=1)]


class Strict(BaseModel):
    """Unknown keys are refused: a misspelt key must not silently switch a rule off."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Outcome(Strict):
    """What a decision names as its reason: an id and a sentence for people."""

    id: RuleId
    text: Sentence


class Rule(Outcome):
    """Raises the level to at least `level` when each line of `when` holds: when any fact in it does."""

    level: RuleLevel
    source: Sentence
    when: Annotated[tuple[Line, ...], Field(min_length=1)]

    @field_validator("when")
    @classmethod
    def asks_known_facts(cls, when: tuple[Line, ...]) -> tuple[Line, ...]:
        """Every fact must be a question of the schema or a derived fact."""
        for fact in (fact for line in when for fact in line if fact not in FACTS):
            near = get_close_matches(fact, FACTS, n=1)
            hint = f"did you mean {near[0]}?" if near else "docs/CLINICAL.md lists the facts a rule may ask"
            raise ValueError(f"unknown fact {fact}; {hint}")
        return when

    @property
    def is_red_flag(self) -> bool:
        """True for rules that carry the flag `red_flag`."""
        return self.id.startswith("red_flag.")

    def holds(self, facts: Mapping[str, Truth]) -> Truth:
        """True, False, or None while an unknown answer could still make the rule fire."""
        lines = {_any(facts[fact] for fact in line) for line in self.when}
        if False in lines:
            return False
        return None if None in lines else True


def _any(truths: Iterable[Truth]) -> Truth:
    known = set(truths)
    if True in known:
        return True
    return None if None in known else False
