"""`dermtriage models parity`: one line a check, and an exit status that can be trusted."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dermtriage.commands.models.parity import command

DATA = Path(__file__).parents[1] / "data" / "parity"
TOWER = DATA / "openai" / "clip-tiny-parity"


def _record(folder: Path, **changed: Any) -> Path:
    """The first case of the recorded base alone, in `folder/expected`."""
    recorded = json.loads((DATA / "expected" / "mistral_base.json").read_text())
    case = recorded["cases"][0]
    case["seed"] |= changed
    (folder / "expected").mkdir()
    file = folder / "expected" / "one.json"
    file.write_text(json.dumps({"cases": [case]}))
    os.link(DATA / "expected" / "mistral_base.safetensors", file.with_suffix(".safetensors"))
    os.symlink(DATA / "images", folder / "images")
    return file


def _compared(*arguments: Any) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_each_check_is_a_line_with_its_largest_difference(tmp_path: Path) -> None:
    result = _compared(DATA / "llava-mistral-base", _record(tmp_path), "--beams")

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert all(line.startswith("ok ") and float(line.split()[-1]) < 1e-4 for line in lines)
    for what in ("token ids", "pixels", "features", "logits", "greedy ids", "beam5 ids"):
        assert any(what in line for line in lines)


def test_a_miss_is_marked_and_exits_with_1(tmp_path: Path) -> None:
    result = _compared(DATA / "llava-mistral-base", _record(tmp_path, greedy_ids=[1] + [7] * 16))

    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line.startswith("MISS")] == [
        "MISS mistral_instruct.0.seed greedy ids: 1.00e+00"
    ]


@pytest.mark.parametrize("relative", [True, False])
def test_base_tower_and_images_are_found_by_relative_and_absolute_paths(
    relative: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DATA)
    lora, expected = Path("llava-mistral-lora"), _record(tmp_path)
    paths = [Path("llava-mistral-base"), Path("openai/clip-tiny-parity"), Path()]
    base, tower, images = [path if relative else path.resolve() for path in paths]

    result = _compared(lora, expected, "--base", base, "--vision-tower", tower, "--images", images)

    # The record is the base's, so that the LoRA's numbers miss; pixels and tokens are the same.
    assert result.exit_code == 1
    assert "ok   mistral_instruct.0.pad pixels" in result.stdout
    assert "MISS mistral_instruct.0.pad logits" in result.stdout


def test_bad_input_exits_with_2_and_says_which(tmp_path: Path) -> None:
    expected = _record(tmp_path)
    (tmp_path / "images").unlink()
    missing_image = _compared(DATA / "llava-mistral-base", expected)
    expected.write_text("no json")
    no_json = _compared(DATA / "llava-mistral-base", expected)
    expected.with_suffix(".safetensors").unlink()
    no_numbers = _compared(DATA / "llava-mistral-base", expected)
    no_checkpoint = _compared(TOWER, expected)

    assert [r.exit_code for r in (missing_image, no_json, no_numbers, no_checkpoint)] == [2, 2, 2, 2]
    assert "img0.png" in missing_image.output
    assert "one.json" in no_json.output
    assert "one.safetensors" in no_numbers.output
    assert "model_type" in no_checkpoint.output
