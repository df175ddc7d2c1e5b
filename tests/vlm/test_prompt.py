"""What the model is told of the clinical information."""

import pytest
from pydantic import BaseModel

from tests.vlm.drawn import clinical
from triage.clinical import Exposure, Lesions, RedFlags, RiskFactors, Symptoms
from vlm.mpoxvlm.prompt import prompt, wording


@pytest.mark.parametrize(
    ("section", "part"),
    [
        ("red_flags", RedFlags),
        ("symptoms", Symptoms),
        ("risk_factors", RiskFactors),
        ("exposure_21_days", Exposure),
    ],
)
def test_every_question_of_the_schema_has_its_words(section: str, part: type[BaseModel]) -> None:
    assert list(wording()[section]) == list(part.model_fields)


def test_every_site_and_every_question_about_the_lesion_has_its_words() -> None:
    sites = Lesions.model_json_schema()["properties"]["sites"]["items"]["enum"]
    assert list(wording()["sites"]) == sites
    questions = [name for name in Lesions.model_fields if name not in ("count", "sites")]
    assert list(wording()["lesions"]) == [name for name in questions if not name.startswith("diameter")]


def test_no_two_facts_have_the_same_words() -> None:
    sections = ("red_flags", "symptoms", "lesions", "sites", "risk_factors", "exposure_21_days")
    words = [phrase for section in sections for phrase in wording()[section].values()]
    assert len(words) == len(set(words))


def test_red_flags_come_first_and_only_yes_is_stated() -> None:
    told = prompt(
        clinical(
            symptoms={
                "fever": {"present": "yes"},
                "cough": {"present": "no"},
                "rash": {"present": "unknown"},
            },
            red_flags={"eye": "yes", "sepsis": "no"},
            lesions={"count": "25-99", "sites": ["palm", "face"], "diameter_1_mm": 4, "diameter_2_mm": 9},
            sex="female",
        )
    )
    assert told.text == (
        "Red flags: eye symptoms.\n"
        "Patient: 18 to 39 years; female.\n"
        "Facts: fever; 25-99 lesions; on the face; on the palm; lesion of 6 mm or more.\n"
        "Finding:"
    )
    assert told.red_flags == ("eye symptoms",)


def test_nothing_answered_is_said_to_be_nothing_reported() -> None:
    assert prompt(clinical()).text.startswith("Red flags: none reported.\n")


@pytest.mark.parametrize("secret", ["patient_ref", "free_text", "capture_device"])
def test_what_could_tell_who_it_is_is_never_stated(secret: str) -> None:
    assert "canary" not in prompt(clinical(**{secret: "canary"})).text
