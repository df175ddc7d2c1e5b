"""The training runs through all stages on drawn photographs, and goes on where it stopped."""

import csv
import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import vlm
from tests.vlm.drawn import clinical, photograph
from training.mpoxvlm_small import main, train
from training.photographs import DataError, read_photographs
from training.plan import Plan, Stage

CLASSES = {
    "pox": ("monkeypox", "chickenpox", "measles", "healthy", "chickenpox_or_measles"),
    "derm": ("ack", "bcc", "mel", "nev", "scc", "sek"),
}
STEP = Stage(steps=2, batch=4, learning_rate=1e-3)
TINY = Plan(
    side=24, patch=6, cache_side=32, vision_width=16, lesion_layers=1, clip_layers=1, text_width=32,
    text_layers=1, vocabulary=1100, views=2, reliability_cases=4, bootstrap_draws=20,
    lesion=STEP, clip=STEP, decoder=STEP, joint=STEP,
)  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two photographs of each class for each split, in groups of their own."""
    root = tmp_path / "data"
    for folder, classes in CLASSES.items():
        rows = []
        splits = [(name, split) for name in classes for split in ("train", "train", "val", "val")]
        for number, (name, split) in enumerate(splits):
            file = f"{name}_{number}.png"
            (root / folder).mkdir(parents=True, exist_ok=True)
            photograph(number, size=(48, 40)).save(root / folder / file)
            rows.append({"file": file, "class": name, "split": split, "group": f"g{number}", "itch": "True"})
        with (root / folder / "manifest.csv").open("w", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return root


def test_all_stages_run_and_the_result_loads(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    folder = train(TINY, data, out)
    (findings,) = vlm.load(folder, device="cpu").assess([vlm.Presentation((photograph(1),), clinical())])
    assert len(findings.findings) == 10
    metrics = json.loads((out / "metrics.json").read_text())
    assert {"value", "low", "high"} <= set(metrics["decoder"]["four_class_accuracy"])
    assert metrics["reliability"]["cases"] == 4
    assert (out / "curves.png").stat().st_size > 0
    card = (folder / "MODEL_CARD.md").read_text()
    assert metrics["weights_sha256"] in card
    assert "not for clinical use" in card
    assert json.loads((out / "config.json").read_text())["seed"] == TINY.seed


def test_a_run_that_was_interrupted_ends_in_the_same_weights(data: Path, tmp_path: Path) -> None:
    whole = train(TINY, data, tmp_path / "whole")
    begun = tmp_path / "begun"
    train(TINY, data, begun)
    (begun / "joint" / "curve.csv").unlink()
    again = train(TINY, data, begun)
    assert (whole / "model.safetensors").read_bytes() == (again / "model.safetensors").read_bytes()


def test_another_plan_does_not_mix_with_a_run_that_is_there(data: Path, tmp_path: Path) -> None:
    train(TINY, data, tmp_path / "run")
    with pytest.raises(ValueError, match="another plan"):
        train(Plan(), data, tmp_path / "run")


def test_an_undecided_label_is_half_of_each(data: Path) -> None:
    read = read_photographs(data, "train", 32)
    undecided = read.labels[~read.decided]
    assert undecided.shape == (2, 10)
    assert undecided[:, 1:3].tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_group_in_two_splits_is_refused(data: Path) -> None:
    manifest = data / "pox" / "manifest.csv"
    manifest.write_text(manifest.read_text().replace(",g3,", ",g0,"))
    with pytest.raises(DataError, match="two splits"):
        read_photographs(data, "train", 32)


def test_the_command_says_where_to_name_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "DERMTRIAGE_DATA"):
        monkeypatch.delenv(name, raising=False)
    asked = CliRunner().invoke(main, ["--out", str(tmp_path)])
    assert asked.exit_code == 2
    assert "DERMTRIAGE_DATA" in asked.output
    refused = CliRunner().invoke(main, ["--data", str(tmp_path), "--out", str(tmp_path / "run")])
    assert isinstance(refused.exception, DataError)
    assert torch.get_num_threads() >= 1
