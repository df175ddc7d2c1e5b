"""Whole runs: with a model and with given answers, killed and gone on with, in other batches and orders."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dermtriage.commands.evaluate.vqa import command
from evaluation.vqa import EvaluationError, Options, evaluate
from tests.evaluation.killed import killed_half_way
from tests.evaluation.vqa.drawn import answers, pictures, rows, wordnet, written
from tests.vlm.local_models import PARITY

MODEL = str(PARITY / "llava-mistral-base")
RESULTS = ("answers.jsonl", "scores.jsonl", "metrics.json", "provenance.json", "report.html")
COUNT, IMAGES = 23, 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions, pictures, and a finished run `whole` of the model."""
    folder = tmp_path_factory.mktemp("vqa")
    pictures(folder / "images", IMAGES)
    written(folder / "questions.csv", rows(COUNT, IMAGES))
    evaluate(options(folder, "whole"))
    return folder


def options(folder: Path, out: str, **changes: Any) -> Options:
    told = {"csv": folder / "questions.csv", "images": folder / "images", "model": MODEL, "device": "cpu"}
    return Options(**(told | {"out": folder / out, "longest": 10} | changes))


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS if (folder / name).exists()}


def told(folder: Path) -> list[str]:
    """The answers of a run."""
    lines = (folder / "answers.jsonl").read_text().splitlines()
    return [json.loads(line)["answer"] for line in lines]


def test_a_run_writes_figures_report_and_provenance(folder: Path) -> None:
    metrics = json.loads((folder / "whole" / "metrics.json").read_text())
    overall = metrics["overall"]
    assert overall["rouge_1"].keys() == {"value", "low", "high", "n"}
    closed = sum(row["answer"].startswith(("No,", "Yes.")) for row in rows(COUNT, IMAGES))
    assert (overall["yes_no"]["n"], overall["token_recall"]["n"]) == (closed, COUNT - closed)
    assert set(metrics["by_modality"]) == {"clinical", "dermoscopic", "pathological"}
    assert sum(found["exact_match"]["n"] for found in metrics["by_modality"].values()) == COUNT
    assert set(metrics["left_out"]) == {"meteor", "bertscore"}
    provenance = json.loads((folder / "whole" / "provenance.json").read_text())
    assert len(provenance["model"]["weights_sha256"]) == 64
    assert len(provenance["inputs"]["csv_sha256"]) == len(provenance["inputs"]["images_sha256"]) == 64
    page = (folder / "whole" / "report.html").read_text()
    assert "meteor: left out" in page
    assert str(folder) not in page
    assert (folder / "whole" / "plots" / "overall.png").is_file()


def test_batch_size_changes_no_byte(folder: Path) -> None:
    evaluate(options(folder, "by one", at_once=1))
    evaluate(options(folder, "by many", at_once=64))
    assert results(folder / "by one") == results(folder / "by many") == results(folder / "whole")


def test_order_changes_no_answer_and_no_figure(folder: Path) -> None:
    written(folder / "turned.csv", rows(COUNT, IMAGES)[::-1])
    turned = evaluate(options(folder, "turned", csv=folder / "turned.csv", at_once=5))
    assert turned == json.loads((folder / "whole" / "metrics.json").read_text())
    assert told(folder / "turned")[::-1] == told(folder / "whole")


def test_killed_while_it_asks_it_goes_on_to_the_same_files(folder: Path) -> None:
    out = folder / "killed asking"
    arguments = [
        "--csv", str(folder / "questions.csv"), "--images", str(folder / "images"), "--model", MODEL,
        "--out", str(out), "--max-tokens", "10", "--batch-size", "1", "--device", "cpu",
    ]  # fmt: skip
    there = killed_half_way(["vqa", *arguments], out / "answers.jsonl.part", 4)
    assert not (out / "answers.jsonl").exists()
    assert 4 <= there < COUNT
    evaluate(options(folder, out.name))
    assert results(out) == results(folder / "whole")


def test_killed_while_it_scores_it_goes_on_to_the_same_files(tmp_path: Path) -> None:
    given = rows(150, IMAGES)
    file, told = written(tmp_path / "questions.csv", given), answers(tmp_path / "answers.csv", given)
    out = tmp_path / "killed"
    arguments = ["--csv", str(file), "--answers", str(told), "--out", str(out)]
    assert 64 <= killed_half_way(["vqa", *arguments], out / "scores.jsonl.part", 64) < len(given)
    assert not (out / "scores.jsonl").exists()
    evaluate(Options(csv=file, answers=told, out=out))
    evaluate(Options(csv=file, answers=told, out=tmp_path / "whole"))
    assert results(out) == results(tmp_path / "whole")


def test_a_second_call_computes_nothing(folder: Path) -> None:
    before = {
        name: (folder / "whole" / name).stat().st_mtime_ns for name in ("answers.jsonl", "scores.jsonl")
    }
    evaluate(options(folder, "whole"))
    assert before == {name: (folder / "whole" / name).stat().st_mtime_ns for name in before}


def test_another_source_needs_another_folder(folder: Path) -> None:
    with pytest.raises(EvaluationError, match=r"\(longest.* differs.*--out"):
        evaluate(options(folder, "whole", longest=11))
    written(folder / "fewer.csv", rows(COUNT - 1, IMAGES))
    with pytest.raises(EvaluationError, match="csv_sha256 differs"):
        evaluate(options(folder, "whole", csv=folder / "fewer.csv"))


def test_other_scores_of_the_same_answers_need_no_model_again(folder: Path, tmp_path: Path) -> None:
    evaluate(options(folder, "rescored"))
    asked = (folder / "rescored" / "answers.jsonl").stat().st_mtime_ns
    metrics = evaluate(options(folder, "rescored", wordnet=wordnet(tmp_path / "dict"), variant="seed"))
    assert "meteor" in metrics["overall"]
    assert "meteor" not in metrics["left_out"]
    assert metrics["variant"] == "seed"
    assert (folder / "rescored" / "answers.jsonl").stat().st_mtime_ns == asked


def test_answers_of_a_run_can_be_given_again(folder: Path) -> None:
    told = folder / "whole" / "answers.jsonl"
    again = evaluate(Options(csv=folder / "questions.csv", answers=told, out=folder / "given"))
    assert again == json.loads((folder / "whole" / "metrics.json").read_text())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"text": "a"}'], "fewer answers"),
        (['{"text": "a"}', '{"text": "b"}', '{"text": "c"}'], "more answers"),
        (['{"id": "q1", "text": "a"}', '{"id": "q0", "text": "b"}'], "place 0 is to 'q1'"),
        (['{"said": "a"}', '{"said": "b"}'], "place 0 has no answer"),
        (["no json", "at all"], "no csv or jsonl"),
    ],
)
def test_answers_that_do_not_fit_are_named(tmp_path: Path, lines: list[str], said: str) -> None:
    file = written(tmp_path / "questions.csv", rows(2, 2))
    (tmp_path / "answers.jsonl").write_text("\n".join(lines))
    with pytest.raises(EvaluationError, match=said):
        evaluate(Options(csv=file, answers=tmp_path / "answers.jsonl", out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_the_textbooks_csv_without_more_columns_is_read(tmp_path: Path) -> None:
    kept = [{name: row[name] for name in ("image", "question", "answer")} for row in rows(6, 3)]
    file = written(tmp_path / "vqa.csv", kept)
    metrics = evaluate(Options(csv=file, answers=file, out=tmp_path / "out"))
    assert metrics["by_modality"] == {}
    for name in ("bleu_4", "rouge_l", "token_recall", "exact_match", "yes_no"):
        assert metrics["overall"][name]["value"] == pytest.approx(1.0)


def test_the_command_prints_figures_and_refuses_in_one_line(tmp_path: Path) -> None:
    given = rows(5, 2)
    file, told = written(tmp_path / "q.csv", given), answers(tmp_path / "a.csv", given)
    done = CliRunner().invoke(
        command, ["--csv", str(file), "--answers", str(told), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 0
    assert "bleu_1" in done.output
    assert "meteor: left out" in done.output
    refused = subprocess.run(
        [sys.executable, "-m", "dermtriage", "evaluate", "vqa", "--csv", file, "--out", tmp_path / "no"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr == "dermtriage: give either --model or --answers\n"


def test_the_bundled_model_is_refused(folder: Path) -> None:
    from vlm import UnsupportedCheckpoint

    with pytest.raises(UnsupportedCheckpoint, match="does not answer free questions"):
        evaluate(options(folder, "bundled", model="bundled"))
