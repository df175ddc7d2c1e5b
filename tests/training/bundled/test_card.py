"""The model card holds what was measured on this very run, and says what is missing."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.training.bundled.measured_run import DICTIONARY, FISHER, PLAN, Run, figure
from training.bundled.card import main


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def cells(card: str, name: str) -> list[str]:
    """The first row of this name."""
    line = next(line for line in card.splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_figures_land_in_the_card(run: Run) -> None:
    run.change("triage.json", "mpox_auroc", figure(0.912, 1449))
    card = run.card()
    assert "$" not in card
    assert "research demonstration, not for clinical use" in card.lower()
    assert cells(card, "mpox AUROC, all other photographs")[1] == "0.912 (0.862 to 0.962; n 1449)"
    assert cells(card, "mpox")[1:] == ["40", "0.875 (0.825 to 0.925; n 40)"]
    assert cells(card, "chickenpox or measles")[1:] == ["3", ""]
    assert [cell[:5] for cell in cells(card, "states given facts only")[1:]] == ["1.000", "0.750"]
    for said in (
        run.weights,
        "1,449 photographs",
        "seed 7",
        "412 minutes",
        "6 numbers (F16)",
        "800 words of 6 x 6 pixels",
        "16 kinds in 20 directions, of 8 x 8 pixels",
    ):
        assert said in card, said


def test_the_numbers_lie_beside_the_card_with_the_weights_they_speak_of(run: Run) -> None:
    run.card()
    numbers = json.loads((run.model / "metrics.json").read_text())
    assert numbers["weights_sha256"] == run.weights
    assert numbers["training"] == {"minutes": 412, "plan": PLAN}
    assert numbers["triage"] == run.triage()
    assert numbers["explanations"]["provenance"]["photographs"] == 2
    assert {goal["reached"] for goal in numbers["goals"]} == {True}


@pytest.mark.parametrize(
    ("road", "value", "name", "reached"),
    [
        ("accuracy4", 0.85, "accuracy among four", "yes"),
        ("accuracy4", 0.849, "accuracy among four", "no"),
        ("mpox_sensitivity", 0.84, "mpox sensitivity", "no"),
        ("mpox_specificity", 0.89, "mpox specificity", "no"),
        ("mpox_specificity", 0.89, "mpox sensitivity", "no"),
        ("mpox_vs_lookalikes_accuracy", 0.87, "accuracy of mpox against lookalikes", "no"),
        ("ece", 0.061, "expected calibration error", "no"),
        ("ece", None, "expected calibration error", "not measured"),
        ("tone.flips.all", 0.06, "answers that flip with the tone", "no"),
        ("tone.mpox_sensitivity.dark_minus_light", -0.06, "sensitivity, dark less light", "no"),
        ("tone.mpox_sensitivity.dark_minus_light", -0.05, "sensitivity, dark less light", "yes"),
    ],
)
def test_reached_follows_the_figure(
    run: Run, road: str, value: float | None, name: str, reached: str
) -> None:
    run.change("triage.json", road, figure(value))
    assert cells(run.card(), name)[-1] == reached


@pytest.mark.parametrize(
    ("file", "road"),
    [
        ("triage.json", "accuracy4"),
        ("triage.json", "tone.flips.all"),
        ("triage.json", "subgroups.source"),
        ("triage.json", "provenance.predictions_sha256"),
        ("guarded.json", "facts_only_given"),
        ("unguarded.json", "every_red_flag"),
        ("run/config.json", "seed"),
        ("run/model/calibration.json", "operating_points.mpox"),
    ],
)
def test_a_missing_figure_is_named_and_no_card_is_written(run: Run, file: str, road: str) -> None:
    run.change(file, road, KeyError)
    answer = run.carded()
    assert answer.exit_code == 1
    assert f"{file} lacks {road}" in answer.output
    assert not (run.model / "MODEL_CARD.md").exists()
    assert not (run.model / "metrics.json").exists()


@pytest.mark.parametrize(
    ("file", "road", "value", "said"),
    [
        ("triage.json", "provenance.predictions_sha256", "0", "was not measured on"),
        ("triage.json", "provenance.split", "val", "one split"),
        ("triage.json", "operating_point.threshold", 0.5, "--operating-point"),
        ("triage.json", "ece", 0.04, "ece is no figure"),
        ("guarded.json", "provenance.model.weights_sha256", "0", "other weights"),
        ("guarded.json", "provenance.unguarded", True, "without --unguarded"),
        ("unguarded.json", "provenance.unguarded", False, "with --unguarded"),
        ("unguarded.json", "provenance.seed", 1, "differ in provenance.seed"),
    ],
)
def test_what_was_measured_on_something_else_is_refused(
    run: Run, file: str, road: str, value: Any, said: str
) -> None:
    run.change(file, road, value)
    answer = run.carded()
    assert answer.exit_code == 1
    assert file in answer.output
    assert said in answer.output


def test_a_run_without_weights_is_refused(run: Run) -> None:
    (run.model / "model.safetensors").unlink()
    assert "holds no weights" in run.carded().output


def test_a_file_that_is_no_json_is_named(run: Run) -> None:
    (run.root / "triage.json").write_text("{")
    answer = run.carded()
    assert answer.exit_code == 1
    assert "triage.json cannot be read as JSON" in answer.output


def test_the_command_explains_itself() -> None:
    told = CliRunner().invoke(main, ["--help"])
    assert told.exit_code == 0
    for option in ("--run", "--triage", "--explanations", "--unguarded", "--minutes"):
        assert option in told.output
    assert CliRunner().invoke(main, []).exit_code == 2


def test_the_recipe_s_own_plan_holds_what_the_card_prints() -> None:
    from training.bundled.plan import Plan

    plan = json.loads(json.dumps(Plan().as_dict()))
    assert plan.keys() >= PLAN.keys()
    for each in plan["dictionaries"]:
        assert each.keys() >= DICTIONARY.keys() or each.keys() >= FISHER.keys()
