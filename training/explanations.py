"""The text the decoder learns to write after its answer: fixed sentences over the prompt's own phrases.

`Typical of it` is textbook morphology of the named finding. `Facts that weighed` lists the given facts that
belong to the finding's picture; it is a rule of this file, not a measurement of what moved the network.
"""

from functools import cache

from triage.clinical import Clinical
from triage.findings import CONDITION_NAMES, Condition
from vlm.mpoxvlm.prompt import fact_phrases, listed, red_flag_phrases, wording

TYPICAL: dict[Condition, str] = {
    "mpox": "deep-seated round lesions, often with a central dip",
    "chickenpox": "small blisters and scabs of different ages",
    "measles": "flat to slightly raised spots that merge",
    "healthy": "even skin without lesions",
    "ack": "rough scaly patch",
    "bcc": "pearly nodule or ulcer with a rolled edge",
    "mel": "irregular lesion of several colours",
    "nev": "evenly coloured lesion with a sharp border",
    "scc": "firm crusted or ulcerated lesion",
    "sek": "waxy lesion that looks stuck on",
}

_RISK = ("risk_factors.pregnant", "risk_factors.immunocompromised", "risk_factors.eczema_or_broken_skin")
_LESION = (
    "lesions.itch", "lesions.grew", "lesions.hurt", "lesions.changed", "lesions.bleed", "lesions.elevation",
    "lesion_size", "risk_factors.skin_cancer_history", "risk_factors.cancer_history",
)  # fmt: skip

RELEVANT: dict[Condition, tuple[str, ...]] = {
    "mpox": (
        "symptoms.fever", "symptoms.rash", "symptoms.swollen_nodes", "symptoms.pain", "symptoms.headache",
        "symptoms.muscle_pain", "symptoms.back_pain", "symptoms.fatigue", "symptoms.sore_throat",
        "sites.genital", "sites.anal", "sites.mouth", "sites.face", "sites.palm", "sites.sole", "count",
        "exposure_21_days.contact_with_case", "exposure_21_days.close_or_intimate_contact",
        "exposure_21_days.travel_to_affected_area", "exposure_21_days.contact_with_animal",
        "exposure_21_days.mpox_vaccinated", *_RISK,
    ),
    "chickenpox": (
        "symptoms.fever", "symptoms.rash", "symptoms.itch", "symptoms.headache", "symptoms.fatigue", "count",
        "exposure_21_days.varicella_vaccinated", *_RISK,
    ),
    "measles": (
        "symptoms.fever", "symptoms.rash", "symptoms.cough", "symptoms.red_eyes", "symptoms.fatigue",
        "exposure_21_days.contact_with_measles_case", "exposure_21_days.measles_vaccinated", *_RISK,
    ),
    "healthy": (),
    **dict.fromkeys(("ack", "bcc", "mel", "nev", "scc", "sek"), _LESION),
}  # fmt: skip


def explanation(condition: Condition, clinical: Clinical, seen: tuple[str, ...]) -> str:
    """The whole explanation for an answer, given the words for the picture's appearance."""
    words = wording()
    weighed = weighed_facts(condition, clinical)
    return (
        f"Fits best: {CONDITION_NAMES[condition]}."
        f"{words['red_flag_list']}: {listed(red_flag_phrases(clinical, words), words)}."
        f" Seen: {'; '.join(seen)}."
        f" Typical of it: {TYPICAL[condition]}."
        f"{words['fact_list']}: {'; '.join(weighed) or words['no_fact']}."
    )


def weighed_facts(condition: Condition, clinical: Clinical) -> tuple[str, ...]:
    """The given facts that belong to the condition's picture, in the prompt's order."""
    relevant = _relevant_phrases(condition)
    return tuple(fact for fact in fact_phrases(clinical, wording()) if fact in relevant)


@cache
def _relevant_phrases(condition: Condition) -> frozenset[str]:
    words = wording()
    phrases: set[str] = set()
    for key in RELEVANT[condition]:
        section, _, name = key.partition(".")
        if section == "count":
            bands = ("1-24", "25-99", "100-250", "over-250")
            phrases |= {words["lesion_count"].replace("$count", band) for band in bands}
        elif section == "lesion_size":
            phrases.add(words["lesion_size"]["words"])
        else:
            phrases.add(words[section][name])
    return frozenset(phrases)
