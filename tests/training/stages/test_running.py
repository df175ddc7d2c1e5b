"""One run folder: what it holds, what it refuses, when it ends early, what is drawn when."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.stages.drawn_data import SMALL_DECODER, photographs, picture_settings
from training.config import SETTINGS
from training.errors import RunError
from training.photographs import DataError
from training.running.averaging import MovingAverage
from training.running.callbacks import is_over
from training.running.checkpoints import MARK, mark_whole, newest, remove_torn, thin_out
from training.running.draws import Draws
from training.running.run import run
from training.stages.pictures import PictureSet, rows_of


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return photographs(tmp_path_factory.mktemp("seen") / "data")


def go(data: Path, out: Path, **changed: Any) -> dict[str, Any]:
    told = picture_settings(data, decoder=SMALL_DECODER, steps=4) | changed
    return run("mae", SETTINGS["mae"].model_validate(told), out)


def test_the_folder_holds_settings_metrics_curve_and_model(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    metrics = go(data, out, evaluate_steps=2)
    assert sorted(path.name for path in out.iterdir()) == [
        ".lock", "config.json", "curve.csv", "curve.png", "metrics.json", "model",
    ]  # fmt: skip
    assert json.loads((out / "metrics.json").read_text()) == metrics
    assert (metrics["steps"], metrics["train_rows"], metrics["validation_rows"]) == (4, 10, 4)
    assert json.loads((out / "config.json").read_text())["settings"]["seed"] == 5
    with (out / "curve.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["step"] for row in rows] == ["1", "2", "3", "4"]
    assert [bool(row["validation_loss"]) for row in rows] == [False, True, False, True]
    assert (out / "curve.png").read_bytes()[1:4] == b"PNG"
    weights = (out / "model" / "model.safetensors").stat().st_mtime_ns
    assert go(data, out, evaluate_steps=2) == metrics
    assert (out / "model" / "model.safetensors").stat().st_mtime_ns == weights, "it was not trained again"


def test_other_settings_another_stage_or_other_rows_are_refused(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    go(data, out)
    with pytest.raises(RunError, match=r"steps was 4.*give another --out"):
        go(data, out, steps=5)
    with pytest.raises(RunError, match="stage 'mae', not 'classifier'"):
        run("classifier", SETTINGS["classifier"].model_validate(picture_settings(data)), out)
    (out / "metrics.json").unlink()
    other = tmp_path / "data"
    shutil.copytree(data, other)
    told = json.loads((out / "config.json").read_text())
    told["settings"]["data"] = str(other)
    (out / "config.json").write_text(json.dumps(told))
    manifest = other / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("0.png,monkeypox", "0.png,measles"))
    with pytest.raises(RunError, match="the rows of the data"):
        go(other, out)


def test_a_seed_decides_the_weights_and_epochs_count_rows(data: Path, tmp_path: Path) -> None:
    def weights(name: str, **changed: Any) -> bytes:
        go(data, tmp_path / name, **changed)
        return (tmp_path / name / "model" / "model.safetensors").read_bytes()

    assert weights("a", steps=1) == weights("b", steps=1) != weights("c", steps=1, seed=6)
    # 10 rows in batches of 4, twice over: 5 steps.
    assert go(data, tmp_path / "d", steps=None, epochs=2)["steps"] == 5


def test_patience_ends_a_run_and_the_best_weights_are_kept(data: Path, tmp_path: Path) -> None:
    # Steps this large do harm from the first: the lowest loss comes early.
    metrics = go(
        data, tmp_path / "run", steps=40, learning_rate=3.0, clip_gradients=0, evaluate_steps=1, patience=3,
        schedule="constant_with_warmup", warm_up=0,
    )  # fmt: skip
    assert metrics["stopped_early"]
    assert metrics["steps"] < 40
    assert metrics["lowest_validation_loss"] < metrics["validation_loss"]
    history = [{"eval_loss": loss} for loss in (3.0, 2.0, 2.5, 2.1)]
    assert [is_over(history, patience) for patience in (None, 1, 2, 3)] == [False, True, True, False]


def test_the_kth_draw_depends_on_seed_and_k_alone(data: Path) -> None:
    settings = SETTINGS["mae"].model_validate(picture_settings(data))
    rows = PictureSet(settings, 24, "train")  # type: ignore[arg-type]
    one, same, other = (Draws(rows, 30, seed) for seed in (1, 1, 2))
    assert sorted(one[k]["row"] for k in range(10)) == list(range(10)), "every row once a lap"
    assert [one[k]["row"] for k in range(10)] != [one[k]["row"] for k in range(10, 20)]
    for k in (29, 3, 17):
        assert torch.equal(one[k]["pixel_values"], same[k]["pixel_values"])
    assert [one[k]["row"] for k in range(10)] != [other[k]["row"] for k in range(10)]
    weighted = Draws(rows, 1000, 1, np.array([9.0] + [1.0] * 9))
    share = np.mean([weighted._lap(k // 10)[k % 10] == 0 for k in range(1000)])
    assert 0.44 < share < 0.56


def test_only_whole_checkpoints_count(tmp_path: Path) -> None:
    for step in (2, 10, 9, 11):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "weights").write_text("w")
        if step != 11:
            mark_whole(folder)
    assert newest(tmp_path) == tmp_path / "checkpoint-10"
    remove_torn(tmp_path)
    thin_out(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-9"]
    assert (tmp_path / "checkpoint-9" / MARK).is_file()
    assert newest(tmp_path / "none") is None


def test_a_moving_average_follows_and_gives_the_weights_back(tmp_path: Path) -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    average = MovingAverage(0.5, model)
    torch.nn.init.ones_(model.weight)

    class State:
        global_step = 1000

    average.on_step_end(None, State, None)
    average.on_step_end(None, State, None)
    with average.in_place():
        assert model.weight.item() == 0.75
    assert model.weight.item() == 1.0
    average.save(tmp_path)
    other = MovingAverage(0.5, model)
    other.load(tmp_path)
    assert other.kept["weight"].item() == 0.75


def test_a_manifest_that_is_not_as_it_must_be_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no manifest\.csv"):
        rows_of(tmp_path)
    there = tmp_path / "data"
    shutil.copytree(data, there)
    manifest, text = there / "manifest.csv", (data / "manifest.csv").read_text()
    manifest.write_text(text.replace(",g13", ",g0"))
    with pytest.raises(DataError, match=r"g0 stands in two splits"):
        rows_of(there)
    manifest.write_text(text.replace("group", "grp"))
    with pytest.raises(DataError, match="lacks the column 'group'"):
        rows_of(there)
    manifest.write_text(text.replace("3.png,", "33.png,", 1))
    with pytest.raises(DataError, match=r"1 photographs are missing, first .*33\.png"):
        rows_of(there)
    manifest.write_text(text.replace("monkeypox", "unknown"))
    with pytest.raises(DataError, match="the class 'unknown' is none of classes: mpox"):
        run("classifier", SETTINGS["classifier"].model_validate(picture_settings(there)), tmp_path / "out")
    manifest.write_text(text)
    (there / "0.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"0\.png cannot be read as a photograph"):
        go(there, tmp_path / "run", batch=10)
