"""Twelve invented cases for the demo: drawn pictures and made-up answers, of all urgencies and skin tones."""

from dataclasses import dataclass, field
from typing import Any

from dermtriage.local.drawing import Picture, draw_jpeg
from triage.clinical import Clinical


@dataclass(frozen=True)
class SampleCase:
    """One case as a platform would send it; `name` is its idempotency key and the patient's invented id."""

    name: str
    pictures: tuple[Picture, ...]
    answers: dict[str, Any] = field(default_factory=dict)

    def clinical(self) -> dict[str, Any]:
        """The clinical information as JSON data, complete and valid."""
        stated = {
            "patient_ref": self.name,
            "consent": {"triage": True},
            "fitzpatrick": self.pictures[0].fitzpatrick,
            "capture_device": "drawn by code",
            **self.answers,
        }
        return Clinical.model_validate(stated).model_dump(mode="json")

    def photographs(self) -> list[bytes]:
        """Its pictures as JPEG files."""
        return [draw_jpeg(picture) for picture in self.pictures]


def _answers(region: str, years: int, sex: str, text: str, **parts: Any) -> dict[str, Any]:
    return {"region": region, "age": {"years": years}, "sex": sex, "free_text": text, **parts}


def _yes(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "yes")


def _present(**onset_days_ago: int) -> dict[str, Any]:
    return {name: {"present": "yes", "onset_days_ago": days} for name, days in onset_days_ago.items()}


SAMPLE_CASES: tuple[SampleCase, ...] = (
    SampleCase(
        "sample-01",
        (Picture(1, 5, "pustule", 9, 44), Picture(2, 5, "pustule", 4, 66)),
        _answers(
            "CD-KN", 31, "male", "Firm bumps after contact with a sick cousin; swollen groin.",
            symptoms=_present(fever=5, rash=3, swollen_nodes=4),
            exposure_21_days=_yes("contact_with_case", "close_or_intimate_contact"),
            lesions={"count": "1-24", "sites": ["genital", "hand", "face"]},
        ),
    ),
    SampleCase(
        "sample-02",
        (Picture(3, 3, "pustule", 6, 40),),
        _answers(
            "FR-75", 27, "female", "Sore red eye since the rash began.",
            symptoms=_present(rash=4, red_eyes=1), red_flags=_yes("eye"),
            lesions={"count": "1-24", "sites": ["face", "eye"]},
        ),
    ),
    SampleCase(
        "sample-03",
        (Picture(4, 2, "vesicle", 16, 24),),
        {
            **_answers(
                "DE-BE", 6, "male", "Itching blisters, new ones every day.",
                symptoms=_present(fever=2, rash=3, itch=3),
                lesions={"count": "25-99", "sites": ["chest", "back", "face"], "itch": "yes"},
            ),
        },
    ),
    SampleCase(
        "sample-04",
        (Picture(5, 1, "macule", 40, 36),),
        _answers(
            "GB-LND", 4, "female", "Rash from the face downwards, cough and red eyes. Not vaccinated.",
            symptoms=_present(fever=5, rash=2, cough=6, red_eyes=5),
            exposure_21_days={**_yes("contact_with_measles_case"), "measles_vaccinated": "no"},
            lesions={"count": "over-250", "sites": ["face", "chest", "abdomen"]},
        ),
    ),
    SampleCase(
        "sample-05",
        (Picture(6, 2, "irregular_mole", 1, 130),),
        _answers(
            "AU-QLD", 58, "male", "Dark spot on the back that has grown since spring.",
            risk_factors=_yes("skin_cancer_history"),
            lesions={
                "count": "1-24", "sites": ["back"], **_yes("grew", "changed"),
                "diameter_1_mm": 11, "diameter_2_mm": 8,
            },
        ),
    ),
    SampleCase(
        "sample-06",
        (Picture(7, 3, "mole", 1, 60),),
        _answers(
            "ES-MD", 22, "female", "Has been there for as long as I remember.",
            lesions={
                "count": "1-24", "sites": ["arm"], "grew": "no", "changed": "no", "bleed": "no",
                "diameter_1_mm": 4, "diameter_2_mm": 4,
            },
        ),
    ),
    SampleCase(
        "sample-07",
        (Picture(8, 1, "pearl", 1, 110),),
        _answers(
            "IE-D", 71, "male", "A sore beside the nose that does not heal.",
            lesions={"count": "1-24", "sites": ["nose"], **_yes("bleed", "elevation"), "diameter_1_mm": 7},
        ),
    ),
    SampleCase(
        "sample-08",
        (Picture(9, 2, "scale", 3, 80),),
        _answers(
            "US-FL", 66, "female", "Rough patches on the forearm.",
            lesions={"count": "1-24", "sites": ["forearm"], "itch": "yes", "changed": "no"},
        ),
    ),
    SampleCase(
        "sample-09",
        (Picture(10, 4, "wart", 1, 120),),
        _answers(
            "BR-SP", 63, "male", "Brown, as if stuck on, slowly thicker over years.",
            lesions={"count": "1-24", "sites": ["chest"], "elevation": "yes", "bleed": "no", "itch": "no"},
        ),
    ),
    SampleCase(
        "sample-10",
        (Picture(11, 6),),
        _answers(
            "NG-LA", 35, "female", "A friend has mpox. I see nothing on me and feel well.",
            symptoms={"fever": {"present": "no"}, "rash": {"present": "no"}},
            exposure_21_days=_yes("contact_with_case"),
        ),
    ),
    SampleCase(
        "sample-11",
        (Picture(12, 6, "pustule", 24, 34),),
        _answers(
            "UG-102", 29, "female", "Many sores in the fourth month of pregnancy.",
            symptoms=_present(fever=4, rash=4, fatigue=5),
            risk_factors=_yes("pregnant"),
            lesions={"count": "25-99", "sites": ["face", "arm", "leg"], "hurt": "yes"},
        ),
    ),
    SampleCase(
        "sample-12",
        (Picture(13, 4, "macule", 26, 40),),
        _answers(
            "IN-KL", 45, "male", "High fever, confused since today, dark spots that stay under a glass.",
            symptoms=_present(fever=2, rash=1), red_flags=_yes("sepsis", "non_blanching_rash_with_fever"),
            lesions={"count": "25-99", "sites": ["leg", "abdomen"]},
        ),
    ),
)  # fmt: skip
