"""The export in the hands of those it is for: `datasets`, the instruction stage, the VQA evaluation."""

import json

import pytest
import yaml

from tests.training.stages.drawn_data import BASE
from tests.training.textbooks.run.walked import said, table


def test_hugging_face_reads_the_folder(done):
    import datasets

    export = done[0] / "export"
    loaded = datasets.load_from_disk(export / "datasets")
    manifest = table(export / "manifest.csv")
    assert {split: len(part) for split, part in loaded.items()} == {
        split: sum(row["split"] == split for row in manifest) for split in ("train", "val", "test")
    }
    first = loaded["train"][0]
    assert first["image"].size == (240, 180)
    assert first["questions"][0]["answer"]
    asked = sum(len(row["questions"]) for part in loaded.values() for row in part)
    assert asked == sum(len(table(export / f"vqa_{split}.csv")) for split in loaded)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_instruction_stage_learns_a_step_from_it(done, kind, tmp_path):
    export = done[0] / "export"
    out, config = tmp_path / "run", tmp_path / "one_step.yaml"
    told = {"data": str(export / f"vqa_train.{kind}"), "images": str(export), "base": str(BASE), "steps": 1}
    config.write_text(yaml.safe_dump({"instruct": told | {"batch": 2, "device": "cpu", "lora": {"rank": 2}}}))
    assert "is finished: 1 steps" in said(["train", "instruct", "--config", str(config), "--out", str(out)])
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["train_rows"] == len(table(export / "vqa_train.csv"))
    assert (out / "model" / "adapter_model.safetensors").is_file()


def test_the_vqa_evaluation_reads_its_csv(done, tmp_path):
    samples = done[0] / "export" / "vqa_test.csv"
    given = tmp_path / "answers.jsonl"
    answers = [row["answer"] for row in table(samples)]
    given.write_text("".join(json.dumps({"answer": text}) + "\n" for text in ["", *answers[1:]]))
    words = ["evaluate", "vqa", "--csv", str(samples), "--answers"]
    assert "report.html" in said([*words, str(samples), "--out", str(tmp_path / "right")])
    assert "report.html" in said([*words, str(given), "--out", str(tmp_path / "one_wrong")])
    right, wrong = (
        json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("right", "one_wrong")
    )
    assert right["overall"]["exact_match"]["value"] == 1
    assert right["overall"]["exact_match"]["n"] == len(answers)
    assert wrong["overall"]["exact_match"]["value"] < 1
