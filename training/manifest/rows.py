"""One row of a manifest, typed. Columns are PAD-UFES-20's own, in its spelling (`fitspatrick`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from triage.clinical import Site
from triage.findings import CONDITIONS, Condition

REQUIRED = ("file", "class", "split", "group")

# What a manifest may call a class, and the conditions that it stands for.
OTHER_CLASSES: dict[str, tuple[Condition, ...]] = {
    "monkeypox": ("mpox",),
    "chickenpox_or_measles": ("chickenpox", "measles"),
}
CLASSES: dict[str, tuple[Condition, ...]] = {name: (name,) for name in CONDITIONS} | OTHER_CLASSES

UNKNOWN = {"", "unk", "unknown", "nan", "none"}
TRUE, FALSE = {"true", "yes", "1", "1.0"}, {"false", "no", "0", "0.0"}


def _known(value: Any) -> Any:
    """None for every spelling of unknown."""
    said = str(value if value is not None else "").strip()
    return None if said.lower() in UNKNOWN else said


def _answer(value: Any) -> Any:
    said = _known(value)
    if said is None:
        return None
    return said.lower() in TRUE if said.lower() in TRUE | FALSE else said


def _number(value: Any) -> Any:
    said = _known(value)
    # PAD-UFES-20 writes 0 where a diameter was not measured.
    return None if said is not None and said.replace("0", "") in ("", ".") else said


def _lower(value: Any) -> Any:
    said = _known(value)
    return said.lower() if said else None


Answer = Annotated[bool | None, BeforeValidator(_answer)]
Millimetres = Annotated[float | None, Field(gt=0, le=1000), BeforeValidator(_number)]
Sex = Annotated[str | None, Field(pattern="^(female|male|other)$"), BeforeValidator(_lower)]
Region = Annotated[str | None, BeforeValidator(_lower)]


class Facts(BaseModel):
    """Clinical columns; None where unknown. Age in years, diameters in millimetres, Fitzpatrick type 1-6."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    age: Annotated[float | None, Field(ge=0, le=130), BeforeValidator(_known)] = None
    gender: Sex = None
    fitspatrick: Annotated[float | None, Field(ge=1, le=6), BeforeValidator(_known)] = None
    region: Region = None
    diameter_1: Millimetres = None
    diameter_2: Millimetres = None
    itch: Answer = None
    grew: Answer = None
    hurt: Answer = None
    changed: Answer = None
    bleed: Answer = None
    elevation: Answer = None
    biopsed: Answer = None
    skin_cancer_history: Answer = None
    cancer_history: Answer = None


SITES: tuple[str, ...] = get_args(Site)


@dataclass(frozen=True)
class Row:
    """One photograph. `number`: its line in the manifest, the header being 1. `file`: as the manifest says.

    `sha256`: of the file's bytes, as read. `columns`: the whole row, untouched.
    """

    number: int
    file: str
    path: Path
    manifest: Path
    condition_class: str
    split: str
    group: str
    facts: Facts
    sha256: str
    columns: Mapping[str, str]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The condition; both where the class is undecided between two."""
        return CLASSES[self.condition_class]


def facts_of(columns: Mapping[str, str]) -> Facts:
    """The clinical columns. Raises ValueError that names each column with a value that cannot be."""
    try:
        return Facts.model_validate({name: columns[name] for name in Facts.model_fields if name in columns})
    except ValidationError as error:
        wrong = sorted({str(fault["loc"][0]) for fault in error.errors()})
        raise ValueError(", ".join(f"{name}={columns[name]!r}" for name in wrong)) from None
