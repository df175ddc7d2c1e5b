"""A policy file that could mislead is refused, with the key and the remedy named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.triage.cases import all_no, answered
from triage import Policy, PolicyError, decide, load_policy
from triage.clinical import RedFlags
from triage.facts import FACTS
from triage.policy import DEFAULT_POLICY

Edit = Callable[[dict[str, Any]], object]


def default_data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(DEFAULT_POLICY.read_text(encoding="utf-8"))
    return data


def written(tmp_path: Path, edit: Edit) -> Path:
    data = default_data()
    edit(data)
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def rule(data: dict[str, Any], rule_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(rule for rule in data["rules"] if rule["id"] == rule_id)
    return found


@pytest.mark.parametrize("name", RedFlags.model_fields)
def test_every_red_flag_question_has_its_rule_in_the_default_policy(name: str, policy: Policy) -> None:
    rules = [rule for rule in policy.rules if rule.id == f"red_flag.{name}"]
    assert [rule.when for rule in rules] == [((f"red_flags.{name}",),)]


def test_every_rule_of_the_default_policy_names_its_text_and_its_source(policy: Policy) -> None:
    assert all(rule.text.endswith(".") and rule.source for rule in policy.rules)


def test_the_default_targets_are_those_of_the_product(policy: Policy) -> None:
    targets = {level: (target.amount, target.unit) for level, target in policy.targets.items()}
    assert targets == {
        "emergency": (15, "minutes"),
        "urgent": (4, "hours"),
        "priority": (24, "hours"),
        "routine": (5, "working_days"),
        "not_gradable": (5, "working_days"),
        "self_care": (10, "working_days"),
    }


REFUSED: dict[str, tuple[Edit, str]] = {
    "an unknown key": (
        lambda data: data.update(treshold=1),
        "treshold: unknown key; remove it or correct its spelling",
    ),
    "an unknown key of a rule": (
        lambda data: data["rules"][0].update(levle="urgent"),
        "rules[0].levle: unknown key; remove it or correct its spelling",
    ),
    "a missing key": (lambda data: data.pop("thresholds"), "thresholds: missing; add it"),
    "a version that YAML reads as a number": (
        lambda data: data.update(version=1),
        "version: must be text; put it in quotes",
    ),
    "a misspelt fact": (
        lambda data: rule(data, "lesion_history").update(when=[["lesions.grown"]]),
        "unknown fact lesions.grown; did you mean lesions.grew?",
    ),
    "a fact like no other": (
        lambda data: rule(data, "lesion_history").update(when=[["???"]]),
        "unknown fact ???; docs/CLINICAL.md lists the facts",
    ),
    "a rule without conditions": (
        lambda data: rule(data, "lesion_history").update(when=[]),
        "when: Tuple should have at least 1 item",
    ),
    "a rule that gives self-care": (
        lambda data: rule(data, "lesion_history").update(level="self_care"),
        "level: Input should be 'emergency', 'urgent', 'priority' or 'routine'",
    ),
    "a red flag without its rule": (
        lambda data: data["rules"].remove(rule(data, "red_flag.chest_pain")),
        "red_flags.chest_pain has no rule of its own at `urgent` or above; add a rule",
    ),
    "a red flag below urgent": (
        lambda data: rule(data, "red_flag.eye").update(level="priority"),
        "red_flags.eye has no rule of its own at `urgent` or above; add a rule",
    ),
    "a red flag with a further condition": (
        lambda data: rule(data, "red_flag.eye").update(when=[["red_flags.eye"], ["symptoms.fever"]]),
        "red_flags.eye has no rule of its own",
    ),
    "two rules of one id": (
        lambda data: rule(data, "lesion_history").update(id="risk_group"),
        "rule ids used twice: risk_group; give each rule its own id",
    ),
    "a suspicion without threshold": (
        lambda data: data["thresholds"]["suspected"].pop("mel"),
        "add thresholds.suspected.mel",
    ),
    "a threshold that is no probability": (
        lambda data: data["thresholds"]["suspected"].update(mpox=30),
        "thresholds.suspected.mpox: Input should be less than or equal to 1",
    ),
    "a level without target": (
        lambda data: data["targets"].pop("urgent"),
        "targets: no target for urgent; add one for each level",
    ),
    "a target in an unknown unit": (
        lambda data: data["targets"]["urgent"].update(unit="days"),
        "targets.urgent.unit: Input should be 'minutes', 'hours' or 'working_days'",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_policy_is_refused_for(fault: str, tmp_path: Path) -> None:
    edit, message = REFUSED[fault]
    path = written(tmp_path, edit)
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    assert message in str(refused.value)
    assert str(refused.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version: [", "not valid YAML"),
        (b"version: a\nversion: b\n", "key version stands twice; keep one"),
        (b"\xff\xfe\x00", "not a text file in UTF-8"),
        (b"", "policy: Input should be a valid dictionary"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(content)
    with pytest.raises(PolicyError, match=r"policy\.yaml") as refused:
        load_policy(path)
    assert message in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"cannot be read .*check the path"):
        load_policy(tmp_path / "absent.yaml")


def test_a_rule_is_added_by_one_entry(tmp_path: Path) -> None:
    entry = {
        "id": "cancer_history",
        "level": "priority",
        "text": "Skin cancer before.",
        "source": "A clinic's own rule",
        "when": [["risk_factors.skin_cancer_history"], ["model.suspected.bcc", "lesions.hurt"]],
    }

    def edit(data: dict[str, Any]) -> None:
        data["rules"].append(entry)
        data["thresholds"]["suspected"]["bcc"] = 0.4

    policy = load_policy(written(tmp_path, edit))
    said = answered(all_no(risk_factors__skin_cancer_history="yes", lesions__hurt="yes"))
    assert [reason.rule for reason in decide(None, said, policy).reasons] == ["cancer_history"]


def test_a_change_of_content_shows_in_the_label_even_under_the_old_version(tmp_path: Path) -> None:
    changed = load_policy(written(tmp_path, lambda data: data["targets"]["urgent"].update(amount=3)))
    same = load_policy(written(tmp_path, lambda data: None))
    assert same.label == load_policy().label
    assert changed.version == load_policy().version
    assert changed.label != load_policy().label


def test_questions_of_the_schema_are_facts_that_rules_may_ask() -> None:
    assert {"symptoms.fever", "lesions.grew", "red_flags.eye", "exposure_21_days.contact_with_case"} <= set(
        FACTS
    )
