"""Explanations of drawn photographs: by the bundled model, and by one that says the wrong things."""

import json
from pathlib import Path
from random import Random

from click.testing import CliRunner

import vlm
from dermtriage.cli import group
from evaluation.explanations.cases import random_clinical
from evaluation.explanations.drawing import drawn_photograph
from evaluation.explanations.run import explanation_figures
from vlm.simulated import SimulatedModel


class FeverSayer(SimulatedModel):
    """Says of everybody that they have mpox and fever."""

    def assess(self, presentations):  # type: ignore[no-untyped-def]
        return [
            found.model_copy(update={"explanation": "This is mpox. The patient has fever."})
            for found in super().assess(presentations)
        ]


def test_the_bundled_model_keeps_its_promises() -> None:
    answer = CliRunner().invoke(group, ["evaluate", "explanations", "--cases", "12", "--device", "cpu"])
    assert answer.exit_code == 0, answer.output
    said = dict(line.split(" ")[:2] for line in answer.stdout.splitlines())
    assert said == {"named_finding": "1.000", "facts_only_given": "1.000", "every_red_flag": "1.000"}


def test_a_model_that_breaks_them_is_found_out(tmp_path: Path) -> None:
    model, file = FeverSayer.from_reference("simulated"), tmp_path / "explanations.jsonl"
    found = explanation_figures(model, 60, 0, [], file)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    fevers = [_case(n).symptoms.fever.present == "yes" for n in range(60)]
    assert [row["facts_only_given"] for row in rows] == fevers
    assert [row["named_finding"] for row in rows] == [row["scored"] == "mpox" for row in rows]
    assert 0 < found["facts_only_given"].value < 0.6
    assert found["named_finding"].value < 0.5
    assert found["facts_only_given"].n == 60


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    model = vlm.load("simulated", "cpu")
    explanation_figures(model, 20, 0, [], tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    (tmp_path / "torn.part").write_bytes(whole[: len(whole) // 2])
    explanation_figures(model, 20, 0, [], tmp_path / "torn")
    assert (tmp_path / "torn").read_bytes() == whole


def test_drawn_photographs_and_answers_differ_and_come_again() -> None:
    pictures = {drawn_photograph(Random(seed)).tobytes() for seed in range(5)}
    assert len(pictures) == 5
    assert drawn_photograph(Random(1)).tobytes() in pictures
    assert random_clinical(Random(7)) == random_clinical(Random(7)) != random_clinical(Random(8))


def _case(number: int):  # type: ignore[no-untyped-def]
    chance = Random(f"0 {number}")
    drawn_photograph(chance)
    return random_clinical(chance)
