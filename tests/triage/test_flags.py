"""Where a clinician should look twice."""

import pytest

from tests.triage.cases import all_no, answered, scored, sure_of
from triage import CONDITIONS, Condition, Findings, ImageQuality, Policy, decide
from triage.clinical import RedFlags
from triage.flags import entropy


def flags(findings: Findings | None, said: dict[str, str], policy: Policy) -> tuple[str, ...]:
    return decide(findings, answered(said), policy).flags


@pytest.mark.parametrize("name", RedFlags.model_fields)
def test_an_unknown_red_flag_question_is_incomplete_information(name: str, policy: Policy) -> None:
    assert flags(None, all_no() | {f"red_flags.{name}": "unknown"}, policy) == ("incomplete_information",)


def test_all_questions_answered_are_complete_information(policy: Policy) -> None:
    assert flags(None, all_no(), policy) == ()
    assert flags(sure_of("nev"), all_no(), policy) == ()


def test_a_question_that_no_rule_asks_may_stay_unknown(policy: Policy) -> None:
    assert flags(None, all_no(symptoms__headache="unknown", lesions__itch="unknown"), policy) == ()


def test_a_question_is_needed_only_while_its_rule_hangs_on_it(policy: Policy) -> None:
    unknown_contact = all_no(exposure_21_days__contact_with_case="unknown")
    assert flags(None, unknown_contact, policy) == ()
    assert flags(None, unknown_contact | {"symptoms.rash": "yes"}, policy) == ("incomplete_information",)
    decided = unknown_contact | {"symptoms.rash": "yes", "exposure_21_days.travel_to_affected_area": "yes"}
    assert flags(None, decided, policy) == ()


def test_a_fever_unknown_in_a_young_child_is_incomplete_information(policy: Policy) -> None:
    said = all_no(symptoms__fever="unknown")
    assert decide(None, answered(said, age={"years": 1, "months": 12}), policy).flags == (
        "incomplete_information",
    )
    assert decide(None, answered(said, age={"years": 40}), policy).flags == ()


def test_a_low_top_probability_is_low_confidence(policy: Policy) -> None:
    least = policy.thresholds.low_confidence_top_below
    at_least = Findings(findings=scored(nev=least, sek=1 - least))
    below = Findings(findings=scored(nev=least - 0.01, sek=1 - least - 0.01))
    assert flags(at_least, all_no(), policy) == ()
    assert flags(below, all_no(), policy) == ("low_confidence",)
    assert entropy(below.findings) < policy.thresholds.low_confidence_entropy_above


def test_a_high_entropy_is_low_confidence_even_with_a_fair_top(policy: Policy) -> None:
    spread = Findings(findings=scored(nev=0.5, mel=0.0555, scc=0.0555))
    assert entropy(spread.findings) > policy.thresholds.low_confidence_entropy_above
    assert flags(spread, all_no(), policy) == ("low_confidence",)


@pytest.mark.parametrize(
    ("members", "doubtful"),
    [((), True), (("nev",), False), (("nev", "mel"), False), (("nev", "mel", "sek"), True)],
)
def test_a_prediction_set_that_is_large_or_empty_is_low_confidence(
    members: tuple[Condition, ...], doubtful: bool, policy: Policy
) -> None:
    assert policy.thresholds.low_confidence_set_above == 2
    for spread in (scored(nev=0.9), scored(nev=0.12)):
        told = Findings(findings=spread, prediction_set=members, set_coverage=0.9)
        assert flags(told, all_no(), policy) == (("low_confidence",) if doubtful else ())


def test_entropy_is_0_when_sure_and_1_when_all_conditions_are_as_likely() -> None:
    assert entropy(scored(nev=1.0)) == pytest.approx(0, abs=1e-12)
    assert entropy(scored(**dict.fromkeys(CONDITIONS[:9], 0.1))) == pytest.approx(1)


def test_classifier_and_model_disagree_when_tops_and_probabilities_differ(policy: Policy) -> None:
    told = scored(nev=0.8, sek=0.1)
    other_top = Findings(findings=told, classifier=scored(sek=0.8, nev=0.1))
    same_top = Findings(findings=told, classifier=scored(nev=0.51, sek=0.4))
    assert flags(other_top, all_no(), policy) == ("models_disagree",)
    assert flags(same_top, all_no(), policy) == ()
    assert flags(Findings(findings=told), all_no(), policy) == ()


def test_a_hair_between_two_tops_is_no_disagreement(policy: Policy) -> None:
    hair = Findings(findings=scored(nev=0.51, sek=0.48), classifier=scored(nev=0.48, sek=0.51))
    assert flags(hair, all_no(), policy) == ()


def test_an_image_that_did_not_matter_to_the_model_is_flagged(policy: Policy) -> None:
    ignored = Findings(findings=scored(nev=0.95), image_ignored=True)
    assert flags(ignored, all_no(), policy) == ("image_ignored",)


def test_a_photograph_with_a_fault_is_flagged_though_it_can_be_graded(policy: Policy) -> None:
    dark = Findings(findings=scored(nev=0.95), image_quality=(ImageQuality(issues=("dark",)),))
    clear = Findings(findings=scored(nev=0.95), image_quality=(ImageQuality(),))
    assert flags(dark, all_no(), policy) == ("image_quality",)
    assert flags(clear, all_no(), policy) == ()


def test_flags_stand_in_one_order_with_the_red_flag_first(policy: Policy) -> None:
    doubtful = Findings(
        findings=scored(),
        classifier=scored(sek=0.9),
        image_quality=(ImageQuality(issues=("dark",)),),
        image_ignored=True,
    )
    assert flags(doubtful, all_no(red_flags__eye="yes", red_flags__sepsis="unknown"), policy) == (
        "red_flag",
        "low_confidence",
        "image_quality",
        "image_ignored",
        "incomplete_information",
    )
