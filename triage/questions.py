"""The yes / no / unknown questions of `Clinical`, addressed by path, such as `symptoms.fever`.

Knows nothing of rules: it reads the schema, so that a new question there is a new path here.
"""

from collections.abc import Iterator
from typing import Final, cast

from triage.clinical import Answer, Clinical, Part, Symptom

_ANSWERED: Final[tuple[object, ...]] = (Answer, Symptom)


def _paths() -> Iterator[str]:
    for section, section_field in Clinical.model_fields.items():
        part = section_field.annotation
        if isinstance(part, type) and issubclass(part, Part):
            for name, field in part.model_fields.items():
                if field.annotation in _ANSWERED:
                    yield f"{section}.{name}"


QUESTIONS: tuple[str, ...] = tuple(_paths())


def answer(clinical: Clinical, path: str) -> Answer:
    """The answer to the question at `path`, one of `QUESTIONS`."""
    section, name = path.split(".")
    value = getattr(getattr(clinical, section), name)
    return value.present if isinstance(value, Symptom) else cast(Answer, value)
