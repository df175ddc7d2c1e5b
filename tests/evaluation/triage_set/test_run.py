"""Whole evaluations of drawn photographs by the simulated model: killed, turned round, of some classes."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import vlm
from dermtriage.cli import group
from evaluation.errors import EvaluationError
from evaluation.triage_set.operating_points import point_of_model
from evaluation.triage_set.run import Order, evaluate_model
from tests.evaluation.killed import killed_half_way
from tests.evaluation.triage_set.sets import drawn_set, rows_of, written
from triage.policy import load_policy

REF = "simulated:case_ms=0"
FIGURES = {
    "accuracy4", "balanced_accuracy4", "mpox_sensitivity", "mpox_specificity", "mpox_auroc",
    "mpox_vs_lookalikes_auroc", "mpox_vs_lookalikes_accuracy", "derm_accuracy", "ece",
}  # fmt: skip


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Order:
    """What is ordered; its results are there."""
    folder = tmp_path_factory.mktemp("triage")
    order = Order(drawn_set(folder / "set"), folder / "set", folder / "out")
    answer = CliRunner().invoke(group, command(order))
    assert answer.exit_code == 0, answer.output
    assert "mpox_vs_lookalikes_accuracy " in answer.output
    return order


def command(order: Order) -> list[str]:
    places = {"--manifest": order.manifest, "--images": order.images, "--out": order.out}
    return ["evaluate", "triage", "--model", REF, *(str(word) for pair in places.items() for word in pair)]


def metrics_of(order: Order) -> dict[str, Any]:
    return dict(json.loads((order.out / "metrics.json").read_text()))


def evaluated(order: Order) -> dict[str, Any]:
    return evaluate_model(order, vlm.load(REF, "cpu"))


def without_provenance(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if name != "provenance"}


def test_the_command_writes_figures_report_and_plots(order: Order) -> None:
    metrics = metrics_of(order)
    for name in FIGURES:
        assert metrics[name].keys() == {"value", "low", "high", "n"}
        assert 0 <= metrics[name]["low"] <= metrics[name]["value"] <= metrics[name]["high"] <= 1
    assert metrics["mpox_auroc"]["n"] == 14
    assert set(metrics["subgroups"]) == {"fitzpatrick", "age", "sex", "source", "ita"}
    assert list(metrics["ablation"]) == ["both", "image_only", "clinical_only"]
    assert metrics["provenance"]["model"]["model"] == "simulated"
    page = (order.out / "report.html").read_text()
    assert "mpox_sensitivity" in page
    assert "By skin tone" in page
    plots = {path.name for path in (order.out / "plots").iterdir()}
    assert plots >= {"roc.png", "reliability.png", "confusion_four.png", "confusion_levels.png"}


def test_a_killed_run_ends_with_the_same_bytes(order: Order, tmp_path: Path) -> None:
    again = replace(order, out=tmp_path)
    begun = tmp_path / "readings.jsonl.part"
    there = killed_half_way(command(again)[1:], begun, 3)
    assert not (tmp_path / "metrics.json").exists()
    assert 3 <= there < 14
    evaluated(again)
    for name in ("readings.jsonl", "metrics.json", "report.html"):
        assert (tmp_path / name).read_bytes() == (order.out / name).read_bytes()


def test_the_order_of_the_rows_does_not_matter(order: Order, tmp_path: Path) -> None:
    turned = written(tmp_path / "turned.csv", rows_of(order.manifest)[::-1])
    other = evaluated(replace(order, manifest=turned, out=tmp_path / "other"))
    assert without_provenance(other) == without_provenance(metrics_of(order))


def test_a_folder_of_another_run_is_refused(order: Order) -> None:
    before = (order.out / "metrics.json").read_bytes()
    with pytest.raises(EvaluationError, match="holds a run with another model: give another --out"):
        evaluate_model(order, vlm.load("simulated:case_ms=1", "cpu"))
    assert (order.out / "metrics.json").read_bytes() == before


def test_a_set_of_derm_photographs_alone_has_no_pox_figures(order: Order, tmp_path: Path) -> None:
    rows = [row for row in rows_of(order.manifest) if row["class"] in ("nev", "bcc")]
    derm = replace(order, manifest=written(tmp_path / "derm.csv", rows), out=tmp_path / "out")
    metrics = evaluated(derm)
    undefined = {name for name in FIGURES if metrics[name]["value"] is None}
    assert undefined == FIGURES - {"derm_accuracy", "mpox_specificity"}
    assert (metrics["derm_accuracy"]["n"], metrics["accuracy4"]["n"]) == (4, 0)


def test_the_models_own_operating_point_comes_before_the_policys() -> None:
    policy, model = load_policy(), vlm.load("simulated", "cpu")
    assert point_of_model(model, policy).threshold == policy.thresholds.suspected["mpox"]
    model.calibration = SimpleNamespace(operating_points={"mpox": 0.17})  # type: ignore[attr-defined]
    found = point_of_model(model, policy)
    assert (found.threshold, found.source) == (0.17, "the model's own, from its calibration.json")
