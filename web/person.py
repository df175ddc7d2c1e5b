"""What an administrator says of a person, checked; each field that is wrong is told with its remedy."""

from typing import Annotated, Any

from flask_babel import gettext, lazy_gettext
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from web.access import LOCALES
from web.grants import Role
from web.problem import from_validation

Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class Person(BaseModel):
    """What an administrator says of a person. `platforms` are names; empty regions or languages: no limit."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[
        str, StringConstraints(to_lower=True, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$", max_length=254)
    ]
    name: Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=200)]
    role: Role = "clinician"
    all_platforms: bool = False
    platforms: list[Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]] = []
    regions: list[Region] = Field(default=[], max_length=500)
    languages: list[Language] = Field(default=[], max_length=100)
    locale: str = "en"

    @field_validator("locale")
    @classmethod
    def _is_translated(cls, value: str) -> str:
        if value not in LOCALES:
            raise ValueError(f"the pages are there in: {', '.join(LOCALES)}")
        return value


REMEDIES = {
    "email": lazy_gettext("Give an e-mail address, such as reader@example.org."),
    "name": lazy_gettext("Give the name that the pages show."),
    "role": lazy_gettext("Choose clinician, senior, administrator, auditor or analyst."),
    "platforms": lazy_gettext("Give names of platforms as they were created."),
    "regions": lazy_gettext("Give countries such as FR, or their parts such as FR-75 (ISO 3166)."),
    "languages": lazy_gettext("Give languages by their short code, such as fr (ISO 639)."),
    "locale": lazy_gettext("Choose en or fr."),
}


def person_from(given: dict[str, Any]) -> Person:
    """Raises Problem 422 that names each field with its remedy."""
    try:
        return Person.model_validate(given)
    except ValidationError as error:
        problem = from_validation(error)
        for found in problem.errors:
            field = found.field.partition("[")[0]
            if field in REMEDIES:
                found.detail, found.remedy = gettext("It cannot be stored as it is."), str(REMEDIES[field])
        raise problem from None
