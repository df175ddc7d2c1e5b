"""The triage policy: targets, thresholds and rules as data, read from a YAML file and validated.

A policy says what raises a level; it cannot say that anything lowers one. Levels that only a clinician gives
(`self_care`) cannot be written in it, and no policy can drop the floor of a red flag.
"""

import hashlib
import json
from collections import Counter
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, get_args

from pydantic import Field, field_validator, model_validator

from triage.clinical import RedFlags
from triage.decision import Level, at_least
from triage.facts import SUSPECTED, Suspicion
from triage.readings import Readings
from triage.rule import Outcome, Rule, Strict
from triage.target import Target
from triage.yaml_file import validated

DEFAULT_POLICY = Path(__file__).parent / "policies" / "default.yaml"

Probability = Annotated[float, Field(ge=0, le=1)]


class Thresholds(Strict):
    """Probabilities from which the model's view counts, and from which it is flagged for a second look.

    `low_confidence_set_above` is the largest prediction set that is no reason to look twice. The two
    thresholds behind it are for models without such sets.
    """

    suspected: dict[Suspicion, Probability]
    low_confidence_set_above: Annotated[int, Field(ge=1, le=10)] = 2
    low_confidence_top_below: Probability
    low_confidence_entropy_above: Probability
    models_disagree_by: Probability


class Policy(Strict):
    """One version of the policy. `version` names it for people, `fingerprint` by content."""

    version: Annotated[str, Field(min_length=1, max_length=32)]
    targets: dict[Level, Target]
    holidays: tuple[date, ...] = ()
    thresholds: Thresholds
    readings: Readings = Readings()
    default: Outcome
    not_gradable: Outcome
    rules: tuple[Rule, ...]

    @field_validator("targets")
    @classmethod
    def every_level_has_a_target(cls, targets: dict[Level, Target]) -> dict[Level, Target]:
        """A level without a target would be a case that is never due."""
        missing = [level for level in get_args(Level) if level not in targets]
        if missing:
            raise ValueError(f"no target for {', '.join(missing)}; add one for each level")
        return targets

    @model_validator(mode="after")
    def ids_are_unique(self) -> Self:
        """A reason must lead to one rule."""
        ids = Counter([self.default.id, self.not_gradable.id, *(rule.id for rule in self.rules)])
        doubled = sorted(rule_id for rule_id, count in ids.items() if count > 1)
        if doubled:
            raise ValueError(f"rule ids used twice: {', '.join(doubled)}; give each rule its own id")
        return self

    @model_validator(mode="after")
    def every_suspicion_has_a_threshold(self) -> Self:
        """A rule about the model's suspicion needs the probability from which it is one."""
        asked = {fact.removeprefix(SUSPECTED) for fact in self.facts if fact.startswith(SUSPECTED)}
        missing = sorted(asked - set(self.thresholds.suspected))
        if missing:
            raise ValueError(
                f"a rule asks for a suspicion without threshold; add thresholds.suspected.{missing[0]}"
            )
        return self

    @model_validator(mode="after")
    def every_red_flag_has_its_floor(self) -> Self:
        """Any red flag answered yes raises the level to at least `urgent`, whatever else is configured."""
        alone = {rule.when for rule in self.rules if rule.is_red_flag and at_least(rule.level, "urgent")}
        for name in RedFlags.model_fields:
            if ((f"red_flags.{name}",),) not in alone:
                raise ValueError(
                    f"red_flags.{name} has no rule of its own at `urgent` or above; "
                    f"add a rule with an id under red_flag. and when: [[red_flags.{name}]]"
                )
        return self

    @property
    def facts(self) -> frozenset[str]:
        """Every fact that some rule asks."""
        return frozenset(fact for rule in self.rules for line in rule.when for fact in line)

    @cached_property
    def fingerprint(self) -> str:
        """The content's SHA-256, its first 12 digits: an edited file shows, even under an old version."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @property
    def label(self) -> str:
        """What a decision carries as its `policy_version`: at most 45 characters."""
        return f"{self.version}+{self.fingerprint}"


def load_policy(path: Path | None = None) -> Policy:
    """The policy at `path`, or the product's default.

    Raises `PolicyError`, which names the key and the remedy.
    """
    return validated(path or DEFAULT_POLICY, Policy)
