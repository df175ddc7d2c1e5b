"""What the default policy decides, rule by rule."""

from datetime import timedelta

import pytest

from tests.triage.cases import all_no, answered, clinical, scored, sure_of
from triage import CONDITIONS, RANK, Decision, Findings, ImageQuality, Policy, decide
from triage.clinical import RedFlags

EMERGENCIES = {"eye", "airway", "neurologic", "sepsis"}
EXPOSURES = [
    "contact_with_case",
    "close_or_intimate_contact",
    "travel_to_affected_area",
    "contact_with_animal",
    "contact_with_measles_case",
]


def rules(decision: Decision) -> list[str]:
    return [reason.rule for reason in decision.reasons]


@pytest.mark.parametrize("name", RedFlags.model_fields)
def test_a_red_flag_raises_to_at_least_urgent_whatever_the_model_says(name: str, policy: Policy) -> None:
    said = answered(all_no() | {f"red_flags.{name}": "yes"})
    for findings in (None, sure_of("healthy"), Findings(findings=scored(), image_quality=(unreadable(),))):
        decision = decide(findings, said, policy)
        assert decision.rank <= RANK["urgent"]
        assert decision.flags[0] == "red_flag"
        assert rules(decision)[0] == f"red_flag.{name}"


@pytest.mark.parametrize("name", sorted(EMERGENCIES))
def test_eye_airway_neurologic_signs_and_sepsis_are_emergencies(name: str, policy: Policy) -> None:
    decision = decide(None, answered({f"red_flags.{name}": "yes"}), policy)
    assert decision.level == "emergency"
    assert decision.target == timedelta(minutes=15)


def test_fever_under_3_months_of_age_is_an_emergency_and_at_3_months_it_is_not(policy: Policy) -> None:
    said = all_no(symptoms__fever="yes")
    young = decide(None, answered(said, age={"years": 0, "months": 2}), policy)
    older = decide(None, answered(said, age={"years": 0, "months": 3}), policy)
    assert (young.level, rules(young)[0]) == ("emergency", "red_flag.fever_under_3_months")
    assert young.flags == ("red_flag",)
    assert (older.level, rules(older)) == ("priority", ["risk_group"])


@pytest.mark.parametrize("exposure", EXPOSURES)
@pytest.mark.parametrize("symptom", ["rash", "fever", "swollen_nodes"])
def test_exposure_with_rash_fever_or_swollen_nodes_is_urgent(
    exposure: str, symptom: str, policy: Policy
) -> None:
    said = all_no() | {f"exposure_21_days.{exposure}": "yes", f"symptoms.{symptom}": "yes"}
    decision = decide(sure_of("healthy"), answered(said), policy)
    assert decision.level == "urgent"
    assert rules(decision)[0].startswith("epidemiologic_link")


@pytest.mark.parametrize("exposure", EXPOSURES)
def test_exposure_without_symptoms_is_routine(exposure: str, policy: Policy) -> None:
    said = all_no() | {f"exposure_21_days.{exposure}": "yes"}
    assert decide(None, answered(said), policy).level == "routine"


@pytest.mark.parametrize("risk", ["pregnant", "immunocompromised", "eczema_or_broken_skin"])
def test_a_risk_group_with_fever_or_suspected_infection_is_priority(risk: str, policy: Policy) -> None:
    at_risk = all_no() | {f"risk_factors.{risk}": "yes"}
    with_fever = decide(None, answered(at_risk | {"symptoms.fever": "yes"}), policy)
    with_infection = decide(sure_of("chickenpox"), answered(at_risk), policy)
    with_neither = decide(sure_of("nev"), answered(at_risk), policy)
    assert [with_fever.level, with_infection.level, with_neither.level] == ["priority", "priority", "routine"]
    assert rules(with_fever) == rules(with_infection) == ["risk_group"]


def test_a_child_under_8_is_of_the_risk_group_and_at_8_no_longer(policy: Policy) -> None:
    said = all_no(symptoms__fever="yes")
    assert decide(None, answered(said, age={"years": 7}), policy).level == "priority"
    assert decide(None, answered(said, age={"years": 8}), policy).level == "routine"


@pytest.mark.parametrize(
    ("condition", "level"),
    [("mpox", "urgent"), ("measles", "urgent"), ("mel", "priority"), ("scc", "priority")],
)
def test_what_the_model_suspects_raises_the_level_from_the_threshold_on(
    condition: str, level: str, policy: Policy
) -> None:
    threshold = policy.thresholds.suspected[condition]  # type: ignore[index]
    said = answered(all_no())
    suspected = decide(Findings(findings=scored(**{condition: threshold})), said, policy)
    below = decide(Findings(findings=scored(**{condition: threshold - 0.001, "nev": 0.65})), said, policy)
    assert (suspected.level, rules(suspected)) == (level, [f"model.suspected_{condition}"])
    assert (below.level, rules(below)) == ("routine", ["default.routine"])


def test_a_models_own_operating_point_can_add_a_suspicion_and_take_none_away(policy: Policy) -> None:
    said, threshold = answered(all_no()), policy.thresholds.suspected["mpox"]

    def level(probability: float, own: float) -> str:
        told = Findings(findings=scored(mpox=probability), operating_points={"mpox": own})
        return decide(told, said, policy).level

    assert level(threshold - 0.05, own=threshold - 0.05) == "urgent"
    assert level(threshold - 0.06, own=threshold - 0.05) == "routine"
    assert level(threshold, own=0.9) == "urgent", "the policy stays decisive"
    assert level(threshold - 0.001, own=0.9) == "routine"


@pytest.mark.parametrize("history", ["grew", "changed", "bleed"])
def test_a_lesion_that_grew_changed_or_bled_is_priority(history: str, policy: Policy) -> None:
    decision = decide(sure_of("nev"), answered(all_no() | {f"lesions.{history}": "yes"}), policy)
    assert (decision.level, rules(decision)) == ("priority", ["lesion_history"])
    assert decision.target == timedelta(hours=24)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_sure_model_alone_never_gives_less_than_routine(condition: str, policy: Policy) -> None:
    decision = decide(sure_of(condition, 1.0), answered(all_no()), policy)  # type: ignore[arg-type]
    assert RANK[decision.level] <= RANK["routine"]


def test_photographs_that_cannot_be_graded_ask_for_a_retake_only_when_no_rule_fires(policy: Policy) -> None:
    blurred = Findings(findings=scored(nev=0.9), image_quality=(unreadable(), unreadable()))
    quiet = decide(blurred, answered(all_no()), policy)
    rule_fires = decide(blurred, answered(all_no(lesions__bleed="yes")), policy)
    assert (quiet.level, rules(quiet)) == ("not_gradable", ["photographs.not_gradable"])
    assert rule_fires.level == "priority"
    assert "image_quality" in quiet.flags
    assert "image_quality" in rule_fires.flags


def test_one_photograph_that_can_be_graded_is_enough(policy: Policy) -> None:
    mixed = Findings(findings=scored(nev=0.9), image_quality=(unreadable(), ImageQuality()))
    decision = decide(mixed, answered(all_no()), policy)
    assert (decision.level, decision.flags) == ("routine", ("image_quality",))


def test_reasons_name_every_rule_that_fires_with_red_flags_first_then_by_urgency(policy: Policy) -> None:
    said = all_no(
        red_flags__chest_pain="yes",
        exposure_21_days__contact_with_case="yes",
        symptoms__rash="yes",
        lesions__grew="yes",
        red_flags__eye="yes",
    )
    assert rules(decide(sure_of("mpox"), answered(said), policy)) == [
        "red_flag.eye",
        "red_flag.chest_pain",
        "epidemiologic_link",
        "model.suspected_mpox",
        "lesion_history",
    ]


def test_a_decision_carries_the_version_and_the_fingerprint_of_its_policy(policy: Policy) -> None:
    decision = decide(None, clinical(), policy)
    assert decision.policy_version == f"default-3+{policy.fingerprint}"
    assert len(decision.policy_version) <= 45


def unreadable() -> ImageQuality:
    return ImageQuality(gradable=False, issues=("blurred",))
