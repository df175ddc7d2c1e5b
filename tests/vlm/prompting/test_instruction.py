"""What a model without words of ours is asked, and what it is never told."""

import subprocess
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.triage.cases import ages, answered, answers
from tests.vlm.drawn import clinical
from triage.clinical import Clinical, Lesions
from triage.findings import CONDITION_NAMES
from vlm.mpoxvlm.prompt import wording
from vlm.prompting import instruction

WORDS = wording("mpoxvlm-1")
SITES = tuple(Lesions.model_json_schema()["properties"]["sites"]["items"]["enum"])
COUNTS = tuple(Lesions.model_json_schema()["properties"]["count"]["enum"])
BEFORE, AFTER = (
    instruction._instruction(instruction.VERSION)["question"].split(part)[end]
    for part, end in (("Red flags:", 0), ("Which one", 1))
)

attributes = st.fixed_dictionaries(
    {
        "count": st.sampled_from(COUNTS),
        "sites": st.lists(st.sampled_from(SITES), max_size=6),
        "diameter_1_mm": st.none() | st.floats(0.5, 80),
        "diameter_2_mm": st.none() | st.floats(0.5, 80),
    }
)
# Text that would be recognised anywhere: no word of ours holds these letters.
strange = st.text("Ξ☃Ж{}$<>\n", min_size=3, max_size=40)
unsaid = st.fixed_dictionaries(
    {
        "patient_ref": strange,
        "free_text": strange,
        "capture_device": strange,
        "language": st.just("zz-QQ"),
        "region": st.just("QQ-99Z"),
        "fitzpatrick": st.sampled_from((1, 2, 3, 4, 5, 6)),
    }
)


def stated(shown: Clinical) -> dict[str, list[str]]:
    """The phrases of each line of facts, read back from the question."""
    question = instruction.question(shown)
    assert question.startswith(BEFORE)
    facts, _, rest = question.removeprefix(BEFORE).partition("Which one")
    assert rest == AFTER.replace("$names", ", ".join(CONDITION_NAMES.values()))
    lines = [line.removesuffix(".").partition(": ") for line in facts.splitlines()]
    assert [name for name, _, _ in lines] == ["Red flags", "Patient", "Facts"]
    return {name: [] if text == WORDS["none"] else text.split("; ") for name, _, text in lines}


def expected_facts(said: dict[str, str], given: dict[str, Any]) -> set[str]:
    """Every fact but red flags that these answers amount to."""
    yes = [path.split(".") for path, answer in said.items() if answer == "yes"]
    facts = {WORDS[section][name] for section, name in yes if section != "red_flags"}
    facts |= {WORDS["sites"][site] for site in given["sites"]}
    facts |= {f"{given['count']} lesions"} - {"unknown lesions"}
    large = max(given["diameter_1_mm"] or 0, given["diameter_2_mm"] or 0) >= 6
    return facts | ({"lesion of 6 mm or more"} if large else set())


@given(said=answers, given_attributes=attributes, age=ages, unsaid=unsaid)
def test_every_fact_given_is_stated_once_and_nothing_else_is(
    said: dict[str, str], given_attributes: dict[str, Any], age: dict[str, int], unsaid: dict[str, Any]
) -> None:
    shown = answered(said, lesions=given_attributes, age=age, sex="female", **unsaid)
    told = stated(shown)
    red_flags = [path.split(".")[1] for path, answer in said.items() if (path[:3], answer) == ("red", "yes")]
    assert sorted(told["Red flags"]) == sorted(WORDS["red_flags"][name] for name in red_flags)
    assert sorted(told["Facts"]) == sorted(expected_facts(said, given_attributes))
    assert len(told["Patient"]) == 2
    assert told["Patient"][1] == "female"


@given(first=unsaid, second=unsaid, said=answers)
def test_identity_region_and_free_text_change_no_letter(
    first: dict[str, Any], second: dict[str, Any], said: dict[str, str]
) -> None:
    assert instruction.question(answered(said, **first)) == instruction.question(answered(said, **second))


def test_a_question_reads_like_this() -> None:
    shown = clinical(
        symptoms={"fever": {"present": "yes", "onset_days_ago": 3}, "cough": {"present": "no"}},
        red_flags={"eye": "yes"},
        lesions={"sites": ["palm"]},
        sex="male",
    )
    assert instruction.question(shown) == (
        "This photograph of skin and the clinical information below belong to one patient. "
        "A clinician will check your answer.\n"
        "Red flags: eye symptoms.\n"
        "Patient: 18 to 39 years; male.\n"
        "Facts: fever; on the palm.\n"
        "Which one of these names fits best: mpox, chickenpox, measles, healthy skin, actinic keratosis, "
        "basal cell carcinoma, melanoma, naevus, squamous cell carcinoma, seborrhoeic keratosis?\n"
        'Answer in two lines. First line: "Finding:" and one of these names, nothing else. '
        'Second line: "Explanation:" and two or three plain sentences. The explanation uses only what is '
        "seen in the photograph and what is stated above, names every red flag stated above, "
        "and adds no other fact."
    )


def test_the_answer_has_the_form_that_the_question_asks_for() -> None:
    beginnings = [
        instruction.lead() + answer + instruction.after_answer() for answer in instruction.answers()
    ]
    assert beginnings[:2] == ["Finding: mpox.\nExplanation:", "Finding: chickenpox.\nExplanation:"]
    assert [text.split(": ")[1].split(".")[0] for text in beginnings] == list(CONDITION_NAMES.values())


def test_asking_needs_no_torch() -> None:
    code = "import sys, vlm.prompting.instruction; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
