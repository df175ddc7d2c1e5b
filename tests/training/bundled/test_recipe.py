"""The recipe runs through on drawn photographs, goes on after a kill, and its folder is a model."""

import csv
import json
import os
import shutil
import signal
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Trainer

import vlm
from tests.training.bundled.conftest import TINY
from tests.vlm.drawn import clinical, photograph
from training.augmentation import normalise
from training.bundled.folds import folds
from training.bundled.out_of_fold import out_of_fold
from training.bundled.recipe import begin, finish, learn, parts
from training.photographs import DataError, Photographs, read_photographs
from triage.findings import CONDITIONS
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    begin(TINY, out)
    for part in parts(TINY):
        learn(part, TINY, data, out)
    finish(TINY, data, out)
    return out


def test_the_folder_is_a_model_that_answers_and_explains(run: Path) -> None:
    model = vlm.load(run / "model", device="cpu")
    (findings,) = model.assess([vlm.Presentation((photograph(1),), clinical())])
    assert {finding.condition for finding in findings.findings} == set(CONDITIONS)
    assert len(findings.classifier) == 10
    assert findings.prediction_set is not None
    assert model.provenance["calibration"] == f"out-of-fold-{TINY.seed}"


def test_the_calibration_rests_on_answers_that_no_member_learnt(run: Path) -> None:
    told = json.loads((run / "model" / "calibration.json").read_text())
    assert 0 <= told["operating_points"]["mpox"] <= 1
    with (run / "out_of_fold.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["view"] for row in rows} == {"plain", "lighter", "darker"}
    assert len(rows) == 3 * 44
    assert all(sum(float(row[name]) for name in CONDITIONS) == pytest.approx(1, abs=1e-4) for row in rows)


def test_groups_never_straddle_folds(photographs: Photographs) -> None:
    members = [{photographs.groups[row] for row in rows} for rows in folds(photographs, TINY)]
    assert not members[0] & members[1]
    assert sum(len(rows) for rows in folds(photographs, TINY)) == len(photographs)


def test_what_is_finished_is_not_learnt_again(data: Path, run: Path) -> None:
    before = (run / "member-1" / "model" / "model.safetensors").stat().st_mtime_ns
    learn("member-1", TINY, data, run)
    assert (run / "member-1" / "model" / "model.safetensors").stat().st_mtime_ns == before


def test_another_plan_is_refused(run: Path) -> None:
    with pytest.raises(DataError, match="another plan"):
        begin(replace(TINY, seed=1), run)


def test_a_dictionary_that_was_killed_between_its_steps_goes_on(
    data: Path, run: Path, tmp_path: Path
) -> None:
    whole = run / "dictionary-2"
    (tmp_path / "dictionary-2").mkdir()
    shutil.copy(whole / "textures.safetensors", tmp_path / "dictionary-2")
    learn("dictionary-2", TINY, data, tmp_path)
    for file in ("features.safetensors", "readers.safetensors"):
        assert (tmp_path / "dictionary-2" / file).read_bytes() == (whole / file).read_bytes()


@torch.inference_mode()
def test_the_model_says_what_its_parts_say_by_the_mixture(
    data: Path, run: Path, photographs: Photographs
) -> None:
    shown = read_photographs(data, None, TINY.side)
    said = out_of_fold(TINY, shown, data, run).views["plain"]
    whole: Any = MpoxVLMForConditionalGeneration.from_pretrained(run / "model")
    committee = whole.eval().model.lesion_classifier
    pixels = normalise(torch.from_numpy(shown.pixels).permute(0, 3, 1, 2).float() / 255)
    seen = committee.seen(pixels)
    for number, rows in enumerate(folds(shown, TINY)):
        member = committee.members[number](committee.seen_by_members(seen[rows])).logits.log_softmax(-1)
        assert torch.allclose(member.double(), torch.from_numpy(said[0, rows]), atol=5e-3)
        read = committee.dictionaries[1](seen[rows])[number].log_softmax(-1)
        assert torch.allclose(read.double(), torch.from_numpy(said[2, rows]), atol=5e-2)


@pytest.mark.parametrize("part", ["member-1", "words"])
def test_killed_in_the_middle_and_started_again_the_weights_are_the_same_to_the_bit(
    part: str, data: Path, run: Path, tmp_path: Path
) -> None:
    killed = get_context("fork").Process(target=_learn_until_killed, args=(part, data, tmp_path))
    killed.start()
    killed.join(120)
    assert killed.exitcode == -signal.SIGKILL
    assert list(tmp_path.glob("*/checkpoints/checkpoint-*/whole"))
    learn(part, TINY, data, tmp_path)
    for folder in {"words": ("clip", "decoder"), "member-1": ("member-1",)}[part]:
        for file in ("model/model.safetensors", "curve.csv"):
            assert (tmp_path / folder / file).read_bytes() == (run / folder / file).read_bytes(), folder


def _learn_until_killed(part: str, data: Path, out: Path) -> None:
    torch.set_num_threads(1)
    step = Trainer.training_step

    def step_and_die(self: Trainer, *args: Any, **kwargs: Any) -> Any:
        if self.state.global_step == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(self, *args, **kwargs)

    Trainer.training_step = step_and_die  # type: ignore[method-assign]
    learn(part, TINY, data, out)
