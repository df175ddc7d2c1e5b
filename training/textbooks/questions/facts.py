"""What is known of one pair, from its caption and its modality. Questions ask of these alone."""

from dataclasses import dataclass

from training.textbooks.clean.ages import age_in
from training.textbooks.clean.diagnoses import diagnoses_in
from training.textbooks.clean.sexes import sex_in
from training.textbooks.questions.vocabulary import Group, absent, groups, present
from training.textbooks.records import Cleaned, Modality


@dataclass(frozen=True)
class Facts:
    """Years, sex, labels, terms that are there and terms that are denied, each in the caption's order."""

    age_years: float | None
    sex: str | None
    diagnoses: tuple[str, ...]
    excluded: tuple[str, ...]
    modality: Modality | None
    present: dict[Group, tuple[str, ...]]
    absent: dict[Group, tuple[str, ...]]


def facts_of(cleaned: Cleaned, modality: Modality | None = None) -> Facts:
    """The facts of a cleaned caption; `modality` where it is known."""
    return Facts(
        cleaned.age_years,
        cleaned.sex,
        cleaned.diagnoses,
        cleaned.excluded,
        modality,
        {group: present(group, cleaned.text) for group in groups()},
        {group: absent(group, cleaned.text) for group in groups()},
    )


def facts_in(caption: str, modality: Modality | None = None) -> Facts:
    """The facts of a caption that was not cleaned as a record."""
    age, sex, found = age_in(caption), sex_in(caption), diagnoses_in(caption)
    cleaned = Cleaned(
        id="",
        text=caption,
        age_years=age.years if age else None,
        sex=sex.value if sex else None,
        diagnoses=found.affirmed,
        excluded=found.excluded,
    )
    return facts_of(cleaned, modality)
