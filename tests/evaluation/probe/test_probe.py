"""A probe tells tinted pictures apart, keeps groups together, and ends with the same bytes after a kill."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from dermtriage.commands.evaluate.probe import command
from evaluation.classification.labelled import read_labelled
from evaluation.errors import EvaluationError
from evaluation.probe.regression import FOLDS, GRID, _folds, fit
from evaluation.probe.running import Split, evaluate_probe, split_of, split_of_two
from tests.evaluation.classification.drawn_sets import categories, manifest, written
from tests.evaluation.killed import killed_half_way
from tests.vlm.local_models import loaded

DRAWS = 10
RESULTS = ("features.npy", "features.jsonl", "predictions.csv", "metrics.json")


def run(split: Split, folder: Path, out: Path, batch: int = 5) -> dict[str, bytes]:
    evaluate_probe(loaded("mpoxvlm"), split, folder, out, batch, DRAWS)
    return {name: (out / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Split]:
    folder = tmp_path_factory.mktemp("drawn")
    return folder, split_of(read_labelled(manifest(folder)), "train", "test")


def test_tinted_classes_are_told_apart_and_reported(drawn: tuple[Path, Split], tmp_path: Path) -> None:
    folder, split = drawn
    run(split, folder, tmp_path)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 18}
    assert metrics["classes"] == ["healthy", "measles", "mpox"]
    assert set(metrics) >= {"balanced_accuracy", "macro_f1", "auroc", "auprc", "log_loss", "ece", "confusion"}
    assert metrics["provenance"]["weights_sha256"] == loaded("mpoxvlm").revision
    assert np.load(tmp_path / "features.npy").shape == (36, metrics["features"])
    assert "Reliability" in (tmp_path / "report.html").read_text()
    assert (tmp_path / "plots" / "confusion.png").read_bytes().startswith(b"\x89PNG")


def test_the_batch_does_not_matter(drawn: tuple[Path, Split], tmp_path: Path) -> None:
    folder, split = drawn
    one, many = run(split, folder, tmp_path / "one", 1), run(split, folder, tmp_path / "many", 36)
    features = [np.load(tmp_path / name / "features.npy") for name in ("one", "many")]
    assert np.abs(features[0] - features[1]).max() < 1e-5
    assert one["features.jsonl"] == many["features.jsonl"]
    predicted = [json.loads(found["metrics.json"])["confusion"] for found in (one, many)]
    assert predicted[0] == predicted[1]


def test_killed_and_started_again_it_gives_the_same_files(tmp_path: Path) -> None:
    file = manifest(tmp_path, groups=10, per_group=4)
    split = split_of(read_labelled(file), "train", "test")
    out = tmp_path / "killed"
    killed_half_way(
        ["probe", "--manifest", file, "--out", out, "--batch", "1", "--device", "cpu"],
        out / "features.jsonl.part",
        20,
    )
    assert not (out / "features.jsonl").exists()
    assert run(split, tmp_path, out, 1) == run(split, tmp_path, tmp_path / "whole", 1)


def test_a_finished_run_is_not_computed_again_and_another_model_is_refused(
    drawn: tuple[Path, Split], tmp_path: Path
) -> None:
    folder, split = drawn
    before = run(split, folder, tmp_path)
    assert run(split, folder, tmp_path) == before
    with pytest.raises(EvaluationError, match="another weights"):
        evaluate_probe(loaded("llava_next"), split, folder, tmp_path, 5, DRAWS)


def test_cross_validation_keeps_groups_together_and_searches_the_grid() -> None:
    chance = np.random.default_rng(0)
    truth = np.repeat([0, 1], 30)
    features = (chance.normal(size=(60, 8)) + truth[:, None]).astype(np.float32)
    groups = [str(row // 3) for row in range(60)]
    parts = list(_folds(truth, groups))
    assert len(parts) == FOLDS
    for inside, outside in parts:
        assert not {groups[row] for row in inside} & {groups[row] for row in outside}
    probe = fit(features, truth, groups)
    assert list(probe.losses) == list(GRID)
    assert probe.losses[probe.c] == min(probe.losses.values())
    assert (probe.probabilities(features).argmax(1) == truth).mean() > 0.8
    assert probe.probabilities(features).sum(1) == pytest.approx(1)


def test_what_cannot_be_fitted_is_refused(tmp_path: Path) -> None:
    lines = [("file", "class", "split", "group")]
    lines += [
        ("a", "x", "train", "g1"),
        ("b", "y", "train", "g2"),
        ("c", "x", "val", "g1"),
        ("d", "z", "dev", "g4"),
    ]
    rows = read_labelled(written(tmp_path / "m.csv", lines))
    with pytest.raises(EvaluationError, match=r"no row has the split 'test' \(there are: dev, train, val\)"):
        split_of(rows, "train", "test")
    with pytest.raises(EvaluationError, match="1 groups are both fitted and tested, 'g1'"):
        split_of(rows, "train", "val")
    with pytest.raises(EvaluationError, match="no class that is tested"):
        split_of(rows, "train", "dev")
    with pytest.raises(EvaluationError, match="two classes with two groups each"):
        fit(np.zeros((2, 3), np.float32), np.array([0, 1]), ["g1", "g2"])


def test_two_files_of_the_seeds_format_and_what_they_leave_out(tmp_path: Path) -> None:
    fitted = read_labelled(categories(tmp_path, 4, ["a", "b"]))
    lines = [("image", "categories"), ("z.png", "['a']"), ("y.png", "['c']"), ("x.png", "[]")]
    split = split_of_two(fitted, read_labelled(written(tmp_path / "t.csv", lines)))
    assert [row.file for row in split.tested] == ["z.png"]
    assert split.left_out == {"no class": 1, "class not fitted": 1}


def test_the_command_prints_figures_and_where_the_report_is(tmp_path: Path) -> None:
    file = manifest(tmp_path, groups=4, per_group=1)
    arguments = ["--manifest", str(file), "--out", str(tmp_path / "out"), "--without", "healthy"]
    arguments += ["--draws", "10"]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "accuracy           1.000 [1.000, 1.000]" in result.output
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["classes"] == ["measles", "mpox"]
