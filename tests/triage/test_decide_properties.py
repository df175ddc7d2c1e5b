"""What holds for every case, every reading of a model and every order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.triage.cases import ages, answered, answers, findings
from triage import RANK, Clinical, Findings, Policy, decide, load_policy
from triage.questions import QUESTIONS

POLICY = load_policy()
RED_FLAGS = [path for path in QUESTIONS if path.startswith("red_flags.")]
KNOWN_REASONS = {POLICY.default.id, POLICY.not_gradable.id, *(rule.id for rule in POLICY.rules)}

maybe_findings = st.one_of(st.none(), findings)


def rank(read: Findings | None, said: dict[str, str], age: dict[str, int], policy: Policy = POLICY) -> int:
    return decide(read, answered(said, age=age), policy).rank


@given(answers, ages, maybe_findings, st.sampled_from(RED_FLAGS))
def test_adding_a_red_flag_never_lowers_the_level(
    said: dict[str, str], age: dict[str, int], read: Findings | None, red_flag: str
) -> None:
    with_flag = rank(read, said | {red_flag: "yes"}, age)
    assert with_flag <= rank(read, said | {red_flag: "no"}, age)
    assert with_flag <= rank(read, said, age)
    assert with_flag <= RANK["urgent"]


@given(answers, ages, maybe_findings, st.sampled_from(QUESTIONS))
def test_turning_unknown_into_yes_never_lowers_the_level(
    said: dict[str, str], age: dict[str, int], read: Findings | None, question: str
) -> None:
    unknown = rank(read, said | {question: "unknown"}, age)
    assert rank(read, said | {question: "yes"}, age) <= unknown


@given(answers, ages, findings)
def test_a_model_never_lowers_the_floor_that_rules_set(
    said: dict[str, str], age: dict[str, int], read: Findings
) -> None:
    floor = decide(None, answered(said, age=age), POLICY)
    full = decide(read, answered(said, age=age), POLICY)
    assert full.rank <= floor.rank
    fired_at_floor = {reason.rule for reason in floor.reasons} - {POLICY.default.id}
    assert fired_at_floor <= {reason.rule for reason in full.reasons}


@given(answers, ages, maybe_findings, st.data())
def test_taking_a_rule_away_never_raises_the_level(
    said: dict[str, str], age: dict[str, int], read: Findings | None, data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(POLICY.rules), unique_by=lambda rule: rule.id))
    fewer = POLICY.model_copy(update={"rules": tuple(kept)})
    assert rank(read, said, age) <= rank(read, said, age, fewer)


@given(answers, ages, maybe_findings)
def test_every_decision_names_a_reason_known_to_the_policy_and_its_target(
    said: dict[str, str], age: dict[str, int], read: Findings | None
) -> None:
    decision = decide(read, answered(said, age=age), POLICY)
    assert decision.reasons
    assert {reason.rule for reason in decision.reasons} <= KNOWN_REASONS
    assert all(reason.text for reason in decision.reasons)
    assert decision.target == POLICY.targets[decision.level].elapsed


@given(answers, ages, maybe_findings)
def test_the_level_is_that_of_its_most_urgent_reason_and_never_self_care(
    said: dict[str, str], age: dict[str, int], read: Findings | None
) -> None:
    decision = decide(read, answered(said, age=age), POLICY)
    levels = {rule.id: rule.level for rule in POLICY.rules}
    fired = [levels[reason.rule] for reason in decision.reasons if reason.rule in levels]
    assert decision.level == (min(fired, key=RANK.__getitem__) if fired else decision.level)
    assert fired or decision.level in ("routine", "not_gradable")


@given(answers, ages, maybe_findings)
def test_not_gradable_stands_only_where_no_rule_fires(
    said: dict[str, str], age: dict[str, int], read: Findings | None
) -> None:
    decision = decide(read, answered(said, age=age), POLICY)
    if decision.level == "not_gradable":
        assert read is not None
        assert not read.gradable
        assert [reason.rule for reason in decision.reasons] == [POLICY.not_gradable.id]


@given(answers, ages, findings, st.data())
def test_the_order_of_inputs_does_not_matter(
    said: dict[str, str], age: dict[str, int], read: Findings, data: st.DataObject
) -> None:
    def shuffled(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(data.draw(st.permutations(values)))

    sites = ("face", "hand", "genital", "sole")
    straight = answered(said, age=age, lesions={"sites": sites})
    mixed = answered(said, age=age, lesions={"sites": shuffled(sites)})
    mixed_read = read.model_copy(
        update={
            "findings": shuffled(read.findings),
            "classifier": shuffled(read.classifier),
            "image_quality": shuffled(read.image_quality),
        }
    )
    mixed_policy = POLICY.model_copy(update={"rules": shuffled(POLICY.rules)})
    expected = decide(read, straight, POLICY)
    assert decide(mixed_read, mixed, POLICY) == expected
    by_mixed_rules = decide(mixed_read, mixed, mixed_policy)
    assert (by_mixed_rules.level, by_mixed_rules.reasons, by_mixed_rules.flags) == (
        expected.level,
        expected.reasons,
        expected.flags,
    )


@given(answers, ages, maybe_findings)
def test_deciding_changes_nothing_and_repeats_itself(
    said: dict[str, str], age: dict[str, int], read: Findings | None
) -> None:
    case: Clinical = answered(said, age=age)
    before = case.model_dump_json()
    assert decide(read, case, POLICY) == decide(read, case, POLICY)
    assert case.model_dump_json() == before
