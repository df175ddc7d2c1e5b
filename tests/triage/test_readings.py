"""Who reads blind and who reads again: what the policy says, and chance that can be checked afterwards."""

from uuid import UUID, uuid4

import pytest

from triage import (
    Clinical,
    Level,
    Readings,
    decide,
    example_clinical,
    load_policy,
    reads_blind,
    second_reading,
)
from triage.readings import BlindReading, SecondReading, chance

CASE = UUID(int=7)
FLOOR = decide(None, Clinical.model_validate(example_clinical()), load_policy(None))


def blind(**rule: object) -> bool:
    return reads_blind(Readings(blind=BlindReading.model_validate(rule)), FLOOR, CASE)


def why(**fields: object) -> tuple[str, ...]:
    standing = {"before": "routine", "decided": "routine", "diagnosis": "nev", "ai_level": "routine"}
    return second_reading(Readings(), **{**standing, "review_id": CASE, **fields})  # type: ignore[arg-type]


def test_a_level_a_flag_or_chance_makes_a_reading_blind() -> None:
    assert not blind()
    assert blind(levels=[FLOOR.level])
    assert not blind(flags=["red_flag"])
    assert blind(flags=["incomplete_information"]) == ("incomplete_information" in FLOOR.flags)
    assert blind(share=1)


def test_chance_is_the_same_for_the_same_case_and_even_over_many() -> None:
    assert chance(CASE, "blind") == chance(CASE, "blind") != chance(CASE, "second")
    drawn = [chance(uuid4(), "blind") for _ in range(4000)]
    assert all(0 <= value < 1 for value in drawn)
    assert 0.07 < sum(value < 0.1 for value in drawn) / len(drawn) < 0.13


def test_an_ordinary_decision_is_read_once() -> None:
    assert why() == ()


@pytest.mark.parametrize(("decided", "expected"), [("urgent", ("emergency_downgraded",)), ("emergency", ())])
def test_a_lowered_emergency_is_read_again(decided: Level, expected: tuple[str, ...]) -> None:
    assert why(before="emergency", decided=decided, ai_level="emergency") == expected


def test_suspected_mpox_is_read_again() -> None:
    assert why(diagnosis="mpox") == ("suspected",)


def test_a_decision_far_from_the_ai_result_is_read_again() -> None:
    assert why(ai_level="urgent") == ("low_agreement",)
    assert why(ai_level="priority") == ()
    assert why(ai_level=None) == ()


def test_a_share_is_read_again_by_chance() -> None:
    every = Readings(second=SecondReading(share=1))
    assert second_reading(
        every, before="routine", decided="routine", diagnosis=None, ai_level=None, review_id=CASE
    ) == ("chance",)
