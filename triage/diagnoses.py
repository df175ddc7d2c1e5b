"""The coded list of diagnoses that clinicians choose from: data in a YAML file, read and validated.

A site puts its own list in place: names, and the codes of the edition that it uses.
"""

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from triage.findings import CONDITIONS, Condition
from triage.rule import Strict
from triage.yaml_file import validated

DEFAULT_DIAGNOSES = Path(__file__).parent / "policies" / "diagnoses.yaml"

# What is none of the list: it can always be chosen.
OTHER: Literal["other"] = "other"


class CodedDiagnosis(Strict):
    """One entry. `condition` is what it counts as, None for a diagnosis that is none of the ten.

    The patterns are those of the code systems: ICD-10 (a letter, two digits, further ones after a point) and
    SNOMED CT (6 to 18 digits). That a code means the diagnosis nobody can check here.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=64)]
    label: Annotated[str, Field(min_length=1, max_length=100)]
    condition: Condition | None = None
    icd10: Annotated[str, Field(pattern=r"^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$")] | None = None
    snomed: Annotated[str, Field(pattern=r"^\d{6,18}$")] | None = None


class Diagnoses(Strict):
    """The whole list, in the order in which it is offered."""

    version: Annotated[str, Field(min_length=1, max_length=32)]
    diagnoses: tuple[CodedDiagnosis, ...]

    @model_validator(mode="after")
    def ids_are_unique(self) -> Self:
        """An id must lead to one entry, and `other` to none."""
        ids = Counter([OTHER, *(entry.id for entry in self.diagnoses)])
        doubled = sorted(found for found, count in ids.items() if count > 1)
        if doubled:
            raise ValueError(f"ids used twice: {', '.join(doubled)}; give each its own (other is built in)")
        return self

    @model_validator(mode="after")
    def every_condition_can_be_named(self) -> Self:
        """Who agrees with the AI result gives a diagnosis, so each of the ten needs an entry."""
        named = {entry.condition for entry in self.diagnoses}
        missing = [condition for condition in CONDITIONS if condition not in named]
        if missing:
            raise ValueError(f"no entry for the condition {missing[0]}; add one with condition: {missing[0]}")
        return self

    @cached_property
    def by_id(self) -> dict[str, CodedDiagnosis]:
        """The entries by their id."""
        return {entry.id: entry for entry in self.diagnoses}

    def of_condition(self, condition: Condition) -> CodedDiagnosis:
        """The first entry that counts as this condition."""
        return next(entry for entry in self.diagnoses if entry.condition == condition)


def load_diagnoses(path: Path | None = None) -> Diagnoses:
    """The list at `path`, or the product's default.

    Raises `PolicyError`, which names the key and the remedy.
    """
    return validated(path or DEFAULT_DIAGNOSES, Diagnoses)
