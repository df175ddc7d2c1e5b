"""docs/CLINICAL.md says what the policy does: who approves the one must be able to trust the other."""

import re
from pathlib import Path
from typing import get_args

import pytest

from triage import Flag, Policy, load_policy
from triage.facts import DERIVED, SUSPECTED
from triage.rule import Rule

DOC = (Path(__file__).parents[2] / "docs" / "CLINICAL.md").read_text(encoding="utf-8")
POLICY = load_policy()


def cells(first: str) -> list[list[str]]:
    rows = [line.strip("|").split("|") for line in DOC.splitlines() if line.startswith(f"| {first} |")]
    return [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("rule", POLICY.rules, ids=lambda rule: str(rule.id))
def test_each_rule_stands_in_the_document_with_level_facts_and_source(rule: Rule) -> None:
    ((_, level, fires_on, source),) = cells(f"`{rule.id}`")
    assert (level, source) == (rule.level, rule.source)
    lines = [tuple(re.findall(r"`([^`]+)`", line)) for line in fires_on.split(" and ")]
    assert tuple(lines) == rule.when


def test_no_rule_stands_in_the_document_that_the_policy_does_not_have() -> None:
    table = DOC.split("## Rules of policy")[1].split("Facts that are not questions")[0]
    documented = re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE)
    assert documented == [rule.id for rule in POLICY.rules]


def test_the_outcomes_without_a_rule_stand_in_the_document(policy: Policy) -> None:
    assert f"`{policy.default.id}`" in DOC
    assert f"`{policy.not_gradable.id}`" in DOC


def test_each_target_stands_in_the_document(policy: Policy) -> None:
    for level, target in policy.targets.items():
        assert cells(level) == [[level, f"{target.amount} {target.unit.replace('_', ' ')}"]]


def test_each_threshold_stands_in_the_document(policy: Policy) -> None:
    thresholds = policy.thresholds.model_dump()
    suspected = {f"suspected.{condition}": value for condition, value in thresholds.pop("suspected").items()}
    for name, value in (suspected | thresholds).items():
        assert [row[1] for row in cells(f"`{name}`")] == [str(value)]


@pytest.mark.parametrize("flag", get_args(Flag))
def test_each_flag_is_explained(flag: str) -> None:
    assert len(cells(f"`{flag}`")) == 1


def test_each_derived_fact_is_explained() -> None:
    single = {fact for fact in DERIVED if not fact.startswith(SUSPECTED)} | {f"{SUSPECTED}infection"}
    assert all(len(cells(f"`{fact}`")) == 1 for fact in single)


def test_intended_use_and_approval_are_said_at_the_top(policy: Policy) -> None:
    top = DOC.split("## How a level comes about")[0]
    assert "Research demonstration, not for clinical use" in top
    assert "A clinician must read, change and approve the policy before use." in top
    assert f"## Rules of policy `{policy.version}`" in DOC
