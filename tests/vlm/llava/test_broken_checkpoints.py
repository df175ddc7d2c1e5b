"""Corrupt and foreign folders are refused with the file or field and a remedy."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.vlm.llava.test_recorded_numbers import DATA
from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint
from vlm.llava.checkpoint import load_checkpoint

TOWER = DATA / "openai" / "clip-tiny-parity"
SHARD = "model-00002-of-00003.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "llava-mistral-base", tmp_path / "checkpoint"))


def _say(folder: Path, **fields: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_a_truncated_shard_is_named(folder: Path) -> None:
    os.truncate(folder / SHARD, 5000)
    with pytest.raises(BrokenCheckpoint, match=f"{SHARD} is cut short.*fetch"):
        load_checkpoint(folder, vision_tower=TOWER)


def test_a_missing_shard_is_named(folder: Path) -> None:
    (folder / SHARD).unlink()
    with pytest.raises(BrokenCheckpoint, match=f"{SHARD} is missing.*fetch"):
        load_checkpoint(folder, vision_tower=TOWER)


def test_a_wrong_hidden_size_is_named(folder: Path) -> None:
    _say(folder, hidden_size=256)
    with pytest.raises(BrokenCheckpoint, match=r"shape .*wrong hidden size"):
        load_checkpoint(folder, vision_tower=TOWER)


def test_a_missing_tower_says_how_to_give_one(folder: Path) -> None:
    with pytest.raises(BrokenCheckpoint, match=r"mm_vision_tower.*--vision-tower or VLM_VISION_TOWER"):
        load_checkpoint(folder)


def test_a_pickle_with_code_is_not_run(folder: Path, tmp_path: Path) -> None:
    class Code:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "ran"),)

    for file in folder.glob("model*"):
        file.unlink()
    torch.save({"lm_head.weight": Code()}, folder / "pytorch_model.bin")
    with pytest.raises(BrokenCheckpoint, match=r"pytorch_model.bin holds something other than tensors"):
        load_checkpoint(folder, vision_tower=TOWER)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model_type", "llava_mpt"),
        ("image_aspect_ratio", "anyres"),
        ("mm_patch_merge_type", "spatial_unpad"),
        ("mm_use_im_start_end", True),
        ("mm_projector_type", "resampler"),
        ("quantization_config", {"bits": 4}),
    ],
)
def test_what_is_not_built_is_refused_by_its_field(folder: Path, field: str, value: Any) -> None:
    _say(folder, **{field: value})
    with pytest.raises(UnsupportedCheckpoint, match=field):
        load_checkpoint(folder, vision_tower=TOWER)
