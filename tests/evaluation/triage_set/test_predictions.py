"""Answers that were made elsewhere."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.operating_points import point_of_text
from evaluation.triage_set.run import Order, evaluate_predictions
from tests.evaluation.triage_set.answers import probabilities
from tests.evaluation.triage_set.sets import drawn_set, rows_of
from triage.findings import CONDITIONS

RIGHT = {"monkeypox": "mpox", "chickenpox_or_measles": "measles"}


def answers(manifest: Path) -> list[dict[str, Any]]:
    """Right answers in each view; of the first photograph, the darker one is no mpox any more."""
    rows = []
    for number, row in enumerate(rows_of(manifest)):
        said = RIGHT.get(row["class"], row["class"])
        for view in ("plain", "lighter", "darker"):
            flipped = number == 0 and view == "darker"
            found = probabilities(**{"healthy" if flipped else said: 0.8})
            rows.append({"file": row["file"], "view": view, **dict(zip(CONDITIONS, found, strict=True))})
    return rows


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def order(tmp_path: Path) -> Order:
    return Order(drawn_set(tmp_path / "set", 7), tmp_path / "set", tmp_path / "out", operating_point="0.4")


def test_the_figures_and_flips_come_from_the_file(order: Order, tmp_path: Path) -> None:
    found = evaluate_predictions(order, written(tmp_path / "answers.csv", answers(order.manifest)))
    assert (found["accuracy4"]["value"], found["accuracy4"]["n"]) == (1, 4)
    assert (found["mpox_sensitivity"]["value"], found["mpox_specificity"]["value"]) == (1, 1)
    assert (found["tone"]["flips"]["all"]["value"], found["tone"]["flips"]["mpox"]["value"]) == (
        round(1 / 7, 4),
        1,
    )
    assert found["operating_point"] == {"threshold": 0.4, "source": "given by the caller"}
    assert list(found["ablation"]) == ["both"]
    assert json.loads((order.out / "metrics.json").read_text()) == found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mpox": "lots"}, "line 2: a probability is no number"),
        ({"mpox": 0.1}, "line 2: the ten are no probabilities that sum to 1"),
        ({"view": "brighter"}, "line 2: unknown view 'brighter'"),
        ({"view": "lighter"}, r"line 3: monkeypox/0.png has a row of view lighter already"),
        ({"file": "other.png"}, "no plain row for 1 of 7 photographs: monkeypox/0.png"),
    ],
)
def test_what_does_not_fit_is_named(
    order: Order, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    rows = answers(order.manifest)
    file = written(tmp_path / "answers.csv", [rows[0] | change, *rows[1:]])
    with pytest.raises(EvaluationError, match=message):
        evaluate_predictions(order, file)


def test_an_operating_point_is_a_number_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    for content in ({"mpox": 0.2}, {"version": "x", "operating_points": {"mpox": 0.2}}):
        file.write_text(json.dumps(content))
        assert point_of_text(str(file)).threshold == 0.2
    assert point_of_text("0.35").threshold == 0.35
    for wrong in ("1.5", "nan", str(tmp_path / "gone.json")):
        with pytest.raises(EvaluationError, match="operating point"):
            point_of_text(wrong)
