"""Every name is scored; batch, order and a kill change nothing; the seed's way stands beside its repair."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dermtriage.commands.evaluate.zeroshot import command
from evaluation.classification.labelled import read_labelled
from evaluation.errors import EvaluationError
from evaluation.zeroshot.running import Task, evaluate_zeroshot, task_of
from evaluation.zeroshot.ways import Scored, Written
from tests.evaluation.classification.drawn_sets import categories, written
from tests.evaluation.killed import killed_half_way
from tests.vlm.local_models import loaded
from vlm.asking import Question
from vlm.errors import UnsupportedCheckpoint
from vlm.provenance import complete

NAMES = ("nevus", "basal cell carcinoma", "actinic keratosis")
DRAWS = 10


def scored(task: Task, model: str = "mpoxvlm") -> Scored:
    return Scored(loaded(model), task.question, task.classes)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return task_of(read_labelled(categories(tmp_path, 24, NAMES)), NAMES, tmp_path)


class Says:
    """An answerer that says the same of every photograph."""

    provenance = complete({"model": "says", "weights_sha256": "0" * 64})

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, set[str]()

    def answer(self, questions: list[Question]) -> list[str]:
        self.asked |= {question.text for question in questions}
        return [self.text for _ in questions]


def rows_of(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("model", ["mpoxvlm", "original llava"])
def test_all_rows_are_scored_and_the_batch_does_not_matter(task: Task, tmp_path: Path, model: str) -> None:
    metrics = [
        evaluate_zeroshot(scored(task, model), task, tmp_path / str(batch), batch, DRAWS)
        for batch in (1, 7, 64)
    ]
    first = rows_of(tmp_path / "1")
    assert [row["row"] for row in first] == list(range(24))
    for batch in (7, 64):
        for one, other in zip(first, rows_of(tmp_path / str(batch)), strict=True):
            assert one["answer"] == other["answer"]
            assert one["scores"] == pytest.approx(other["scores"], abs=2e-4)
    assert [one["confusion"] for one in metrics] == [metrics[0]["confusion"]] * 3
    assert metrics[0]["unanswered"] == 0
    assert metrics[0]["auroc"]["n"] == 24


def test_the_order_of_the_rows_does_not_matter(task: Task, tmp_path: Path) -> None:
    turned = Task(task.rows[::-1], task.classes, task.file, task.images, {})
    evaluate_zeroshot(scored(task), task, tmp_path / "a", 5, DRAWS)
    evaluate_zeroshot(scored(turned), turned, tmp_path / "b", 5, DRAWS)
    forth, back = rows_of(tmp_path / "a"), rows_of(tmp_path / "b")[::-1]
    assert [(row["file"], row["answer"]) for row in forth] == [(row["file"], row["answer"]) for row in back]


def test_killed_and_started_again_it_gives_the_same_files(tmp_path: Path) -> None:
    file = categories(tmp_path, 60, NAMES)
    task = task_of(read_labelled(file), (), tmp_path)
    out = tmp_path / "killed"
    arguments = ["zeroshot", "--csv", file, "--out", out, "--batch", "1", "--device", "cpu"]
    killed_half_way(arguments, out / "rows.jsonl.part", 20)
    assert not (out / "rows.jsonl").exists()
    for folder in (out, tmp_path / "whole"):
        evaluate_zeroshot(scored(task), task, folder, 1, DRAWS)
    for name in ("rows.jsonl", "metrics.json", "report.html"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize(
    ("text", "seed", "fixed"),
    [
        ("not nevus but basal cell carcinoma", "nevus", "basal cell carcinoma"),
        ("this is actinic keratosis", None, "actinic keratosis"),
        ("I cannot tell", None, None),
    ],
)
def test_the_seeds_faults_are_in_its_variant_and_in_no_other(
    task: Task, tmp_path: Path, text: str, seed: str | None, fixed: str | None
) -> None:
    for variant, answer in (("seed", seed), ("seed-fixed", fixed)):
        says = Says(text)
        way = Written(says, variant, task.question, task.classes)  # type: ignore[arg-type]
        metrics = evaluate_zeroshot(way, task, tmp_path / variant, 10, DRAWS)
        assert {row["answer"] for row in rows_of(tmp_path / variant)} == {answer}
        assert says.asked == {
            "This is a skin lesion image. From the following categories: nevus, basal cell carcinoma, "
            "actinic keratosis, which one is the diagnosis?"
        }
        assert metrics["unanswered"] == (24 if answer is None else 0)
        assert metrics["accuracy"]["value"] == pytest.approx(0 if answer is None else 1 / 3, abs=1e-4)
        assert metrics["auroc"] is None


def test_classes_not_asked_for_are_left_out_and_counted(tmp_path: Path) -> None:
    lines = [("image", "categories"), ("a", "['x']"), ("b", "['y']"), ("c", "['z']")]
    rows = read_labelled(written(tmp_path / "t.csv", lines))
    task = task_of(rows, ["y", "x"], tmp_path)
    assert (task.classes, task.left_out) == (("y", "x"), {"class not asked for": 1})
    assert task_of(rows, (), tmp_path).classes == ("x", "y", "z")
    with pytest.raises(EvaluationError, match="has the classes x, y, z; asked for: Nevus, Wart"):
        task_of(rows, ["Nevus", "Wart"], tmp_path)


def test_the_command_scores_lists_and_refuses(tmp_path: Path) -> None:
    file = categories(tmp_path, 6, NAMES)
    listing = CliRunner().invoke(command, ["--list"], catch_exceptions=False)
    assert "Patch16_2class (pathology; sft, zeroshot)" in listing.output
    arguments = ["--csv", str(file), "--out", str(tmp_path / "out"), "--draws", "10"]
    arguments += ["--classes", "nevus; basal cell carcinoma"]
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["left_out"] == {
        "class not asked for": 2
    }
    with pytest.raises(UnsupportedCheckpoint, match="does not answer free questions"):
        CliRunner().invoke(command, [*arguments, "--variant", "seed"], catch_exceptions=False)
