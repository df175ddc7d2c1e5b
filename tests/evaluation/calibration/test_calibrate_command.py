"""`dermtriage evaluate calibrate`, from answers or a model to the files that are used afterwards."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

import vlm
from dermtriage.cli import group
from evaluation.calibration.reading import rows_of_model
from evaluation.errors import EvaluationError
from evaluation.triage_set.photographs import Photograph
from tests.evaluation.calibration.drawn import OVERCONFIDENT, answers, write_answers, write_manifest
from tests.vlm.drawn import photograph
from triage.findings import CONDITIONS
from triage.policy import DEFAULT_POLICY, load_policy
from vlm.engine.calibration import Calibration, calibration_of
from vlm.loading import BUNDLED


@dataclass(frozen=True)
class Files:
    """What the command is given."""

    folder: Path
    manifest: Path
    predictions: Path

    def calibrate(self, *options: str, out: str = "out") -> Path:
        """Run it; the folder of results. An exception of the command is raised here."""
        given = ("--manifest", str(self.manifest), "--predictions", str(self.predictions))
        return run(self.folder / out, *given, *options)


def run(out: Path, *options: str) -> Path:
    CliRunner().invoke(
        group,
        ["evaluate", "calibrate", "--draws", "60", "--out", str(out), *options],
        catch_exceptions=False,
        standalone_mode=False,
    )
    return out


def metrics_of(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "metrics.json").read_text()))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("calibrate")
    table, truth = answers(240, seed=1)
    undecided, _ = answers(8, seed=2)
    classes = ["monkeypox" if name == "mpox" else name for name in truth] + ["chickenpox_or_measles"] * 8
    return Files(
        folder,
        write_manifest(folder / "pox" / "manifest.csv", classes),
        write_answers(folder / "answers.csv", np.vstack([table, undecided])),
    )


@pytest.fixture(scope="module")
def out(files: Files) -> Path:
    return files.calibrate("--weights-sha256", "0" * 64)


def test_a_model_folder_takes_the_file_and_finds_the_temperature_that_was_too_low(out: Path) -> None:
    calibration = calibration_of(out, "0" * 64)
    assert calibration.temperature == pytest.approx(OVERCONFIDENT, rel=0.25)
    assert calibration.version.startswith("calibration-")
    assert calibration.conformal is not None
    assert calibration.conformal.n == 120, "groups of decided rows"
    assert set(calibration.operating_points) == set(CONDITIONS)


def test_figures_are_better_afterwards_and_each_has_its_interval(out: Path) -> None:
    metrics = metrics_of(out)
    for name in ("ece", "ece10", "log_loss", "brier"):
        before, after = metrics[name]["before"], metrics[name]["after"]
        assert after["value"] < before["value"], name
        assert after["low"] <= after["value"] <= after["high"]
    assert (metrics["rows"], metrics["undecided_rows"], metrics["brier"]["after"]["n"]) == (248, 8, 240)
    assert metrics["scaling"] in metrics["scaling_chosen_by"]["held_out_log_loss"]


def test_sets_hold_the_truth_as_stated_on_groups_they_were_not_made_with(out: Path) -> None:
    held = metrics_of(out)["sets"]["held_out"]
    assert held["of_groups"]["low"] <= 0.9 <= held["of_groups"]["high"]
    assert sum(held["sets_of_size"].values()) == 240
    assert 1 <= held["set_size"]["value"] <= 10


def test_the_operating_point_keeps_the_specificity_on_new_groups(out: Path) -> None:
    metrics = metrics_of(out)
    assert metrics["operating_points_chosen_by"].endswith("specificity of at least 0.9")
    specificities = [each["held_out"]["specificity"] for each in metrics["operating_points"].values()]
    assert np.mean([each["value"] for each in specificities]) == pytest.approx(0.9, abs=0.03)
    mpox = metrics["operating_points"]["mpox"]["held_out"]
    assert mpox["specificity"]["n"] + mpox["sensitivity"]["n"] == 248, "undecided rows are no mpox"
    assert metrics["operating_points"]["measles"]["held_out"]["specificity"]["n"] < 240


def test_the_policy_takes_the_fragment_in_place_of_its_thresholds(out: Path, tmp_path: Path) -> None:
    text = (out / "policy.yaml").read_text()
    default = yaml.safe_load(DEFAULT_POLICY.read_text())
    changed = tmp_path / "policy.yaml"
    changed.write_text(yaml.safe_dump(default | yaml.safe_load(text) | {"version": "mine"}, sort_keys=False))
    suspected = load_policy(changed).thresholds.suspected
    points = metrics_of(out)["suspected"]
    assert suspected == {name: points[name] for name in ("mpox", "measles", "mel", "scc", "infection")}
    assert "specificity" in text.splitlines()[1]


def test_costs_move_the_points_and_the_rule_is_written(files: Files, out: Path) -> None:
    dear = files.calibrate("--cost-miss", "20", "--prevalence", "0.1", out="dear")
    told = metrics_of(dear)["operating_points_chosen_by"]
    assert told == "least cost: a miss 20, a false alarm 1, prevalence 0.1"
    assert told in (dear / "policy.yaml").read_text()
    cheap = files.calibrate("--cost-miss", "1", "--prevalence", "0.1", out="cheap")
    points = [calibration_of(each, "").operating_points["mpox"] for each in (dear, cheap)]
    assert points[0] < points[1], "the dearer a miss, the sooner a yes"


def test_the_same_input_gives_the_same_bytes(files: Files, out: Path) -> None:
    again = files.calibrate("--weights-sha256", "0" * 64, out="again")
    names = ("calibration.json", "policy.yaml", "metrics.json", "report.html", "plots/reliability.png")
    assert [hashes(again / name) for name in names] == [hashes(out / name) for name in names]


def hashes(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_probabilities_and_log_probabilities_give_the_same(files: Files, out: Path) -> None:
    table, _ = answers(240, seed=1)
    every = np.vstack([table, answers(8, seed=2)[0]])
    plain = write_answers(files.folder / "plain.csv", np.exp(every), view=None)
    other = Files(files.folder, files.manifest, plain).calibrate(out="probabilities")
    one, two = calibration_of(out, "0" * 64), calibration_of(other, "")
    assert one.temperature == pytest.approx(two.temperature, rel=1e-6)
    assert one.operating_points == pytest.approx(two.operating_points, abs=2e-6)


def test_what_does_not_fit_is_said_with_file_and_remedy(files: Files, tmp_path: Path) -> None:
    table, _ = answers(248, seed=1)

    def refused(file: Path, manifest: Path = files.manifest) -> str:
        with pytest.raises(EvaluationError) as error:
            Files(tmp_path, manifest, file).calibrate()
        return str(error.value)

    assert "no plain row for 3 of 248 files: 245.jpg" in refused(
        write_answers(tmp_path / "short.csv", table[:-3])
    )
    assert "the ten probabilities of 0.jpg sum to 2" in refused(
        write_answers(tmp_path / "twice.csv", 2 * np.exp(table))
    )
    headless = tmp_path / "headless.csv"
    headless.write_text("file,mpox\n0.jpg,1\n")
    assert "no column ack" in refused(headless)
    one_group = write_manifest(tmp_path / "m" / "manifest.csv", ["nev"] * 9, a_group=9)
    assert "at least two groups" in refused(files.predictions, one_group)
    unknown = write_manifest(tmp_path / "u" / "manifest.csv", ["nevus"])
    assert "line 2: unknown class 'nevus'" in refused(files.predictions, unknown)
    assert not (tmp_path / "out").exists()


def test_a_model_reads_the_photographs_and_a_finished_reading_is_taken_up(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    classes = [CONDITIONS[number % 4] for number in range(24)]
    manifest = write_manifest(tmp_path / "manifest.csv", list(classes))
    for number in range(24):
        photograph(number, (64, 48)).save(images / f"{number}.jpg")
    given = (
        "--model",
        "simulated:case_ms=0,batch_ms=0",
        "--manifest",
        str(manifest),
        "--images",
        str(images),
    )
    out = run(tmp_path / "out", *given)
    calibration = Calibration.model_validate_json((out / "calibration.json").read_bytes())
    assert set(calibration.operating_points) == {"mpox", "chickenpox", "measles", "healthy"}
    assert len(str(calibration.weights_sha256)) == 64
    readings = out / "readings.jsonl"
    kept = readings.read_bytes()
    for number in range(24):
        (images / f"{number}.jpg").touch()
    run(out, *given)
    assert readings.read_bytes() == kept
    photograph(99, (64, 48)).save(images / "0.jpg")
    with pytest.raises(EvaluationError, match="a run with another files_sha256: give another --out"):
        run(out, *given)


def test_a_calibration_that_a_model_has_already_is_not_calibrated_again(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(BUNDLED, folder)
    image = tmp_path / "0.jpg"
    photograph(3).save(image)
    shown = [Photograph(image.name, image, "mpox", "g", {})]
    plain = rows_of_model(vlm.load(folder, "cpu"), shown, tmp_path / "plain.jsonl")
    (folder / "calibration.json").write_text('{"version": "hot", "temperature": 9}')
    hot = vlm.load(folder, "cpu")
    assert hot.assess([vlm.Presentation((shown[0].opened(),), shown[0].clinical)])[0].top.probability < 0.5
    again = rows_of_model(hot, shown, tmp_path / "again.jsonl")
    assert np.array_equal(again.log_probabilities, plain.log_probabilities)
