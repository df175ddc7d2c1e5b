"""A valid example of clinical information, wholly invented, for newcomers and demonstrations."""

from typing import Any

from triage.clinical import Clinical, RedFlags


def example_clinical(red_flag: str | None = None) -> dict[str, Any]:
    """An example case as JSON data; `red_flag` names one red-flag question to answer yes.

    Every red-flag question is answered. Raises `ValueError`, naming the choices, for any other red flag.
    """
    if red_flag is not None and red_flag not in RedFlags.model_fields:
        raise ValueError(f"unknown red flag {red_flag}; choose one of {', '.join(RedFlags.model_fields)}")
    example = {
        "patient_ref": "example-0001",
        "consent": {"triage": True},
        "region": "FR-75",
        "age": {"years": 34},
        "sex": "female",
        "fitzpatrick": 3,
        "symptoms": {
            "fever": {"present": "no"},
            "rash": {"present": "yes", "onset_days_ago": 6},
            "swollen_nodes": {"present": "no"},
            "itch": {"present": "yes", "onset_days_ago": 5},
        },
        "lesions": {
            "count": "1-24",
            "sites": ["forearm", "hand"],
            "itch": "yes",
            "grew": "no",
            "hurt": "no",
            "changed": "no",
            "bleed": "no",
            "elevation": "yes",
            "diameter_1_mm": 6,
            "diameter_2_mm": 5,
        },
        "risk_factors": {"pregnant": "no", "immunocompromised": "no", "eczema_or_broken_skin": "no"},
        "exposure_21_days": {
            "contact_with_case": "no",
            "close_or_intimate_contact": "no",
            "travel_to_affected_area": "no",
            "contact_with_animal": "no",
            "contact_with_measles_case": "no",
        },
        "red_flags": {name: "yes" if name == red_flag else "no" for name in RedFlags.model_fields},
        "free_text": "Small itching bumps on the forearm since last week.",
    }
    return Clinical.model_validate(example).model_dump(mode="json")
