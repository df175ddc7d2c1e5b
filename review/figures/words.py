"""The names of figures, kinds of reading and subgroups, as people read them."""

from flask_babel import lazy_gettext as _

MEASURES = {
    "level_agreement": _("Same level as the AI result"),
    "level_kappa": _("Kappa, level"),
    "diagnosis_agreement": _("Same diagnosis as the AI result"),
    "diagnosis_kappa": _("Kappa, diagnosis"),
    "override_rate": _("AI result overridden"),
    "blind_level_agreement": _("Same level, read blind"),
    "blind_level_kappa": _("Kappa, level, read blind"),
    "blind_diagnosis_agreement": _("Same diagnosis, read blind"),
    "blind_diagnosis_kappa": _("Kappa, diagnosis, read blind"),
    "overturned_correct": _("Right AI level overruled"),
    "followed_wrong": _("Wrong AI level followed"),
    "corrected_wrong": _("Wrong AI level put right"),
    "known_level": _("Known cases: right level"),
    "known_diagnosis": _("Known cases: right diagnosis"),
    "time_on_case_seconds": _("Time on a case"),
    "late": _("Decided late"),
    "delay_seconds": _("Delay of late decisions"),
    "less_urgent": _("AI level less urgent"),
    "more_urgent": _("AI level more urgent"),
}

KIND_WORDS = {
    "first": _("first reading"),
    "second": _("second reading"),
    "adjudication": _("adjudication"),
    "known": _("known case"),
}

SUBGROUPS = {
    "all": _("All cases"),
    "model": _("Model version"),
    "skin_type": _("Skin type (Fitzpatrick)"),
    "age": _("Age in years"),
    "sex": _("Sex"),
    "platform": _("Platform"),
    "region": _("Region"),
    "week": _("Week of the decision"),
}

SUBGROUP_VALUES = {
    "not stated": _("not stated"),
    "female": _("female"),
    "male": _("male"),
    "other": _("other"),
    "unknown": _("not known"),
    "under 2": _("under 2"),
    "2 to 11": _("2 to 11"),
    "12 to 17": _("12 to 17"),
    "18 to 39": _("18 to 39"),
    "40 to 64": _("40 to 64"),
    "65 and over": _("65 and over"),
}

# The tables of readers and models, each with the figures it shows.
TABLES = (
    (
        _("Agreement with the AI result"),
        ("level_agreement", "level_kappa", "diagnosis_agreement", "diagnosis_kappa", "override_rate"),
    ),
    (
        _("Read blind, before the AI result was shown"),
        (
            "blind_level_agreement",
            "blind_level_kappa",
            "blind_diagnosis_agreement",
            "blind_diagnosis_kappa",
        ),
    ),
    (
        _("Against what the case is known to be"),
        ("overturned_correct", "followed_wrong", "corrected_wrong", "known_level", "known_diagnosis"),
    ),
    (_("Time"), ("time_on_case_seconds", "late", "delay_seconds")),
)
PERFORMANCE = ("level_agreement", "less_urgent", "more_urgent", "diagnosis_agreement")


def value_in_words(section: str, value: str) -> object:
    """A subgroup's value; names of platforms and regions, weeks and models stand for themselves."""
    return SUBGROUP_VALUES.get(value, value) if section in ("skin_type", "age", "sex") else value
