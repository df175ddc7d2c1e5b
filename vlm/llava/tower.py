"""The vision tower that a checkpoint names: found on disk, never fetched."""

import json
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor
from transformers import CLIPVisionConfig

from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint
from vlm.llava.shards import tensors_of


def tower_folder(name: str, checkpoints: Sequence[Path], override: Path | None) -> Path:
    """The tower's folder: `override`, or `name` as it stands, under or beside one of the checkpoints.

    Raises `BrokenCheckpoint` with the remedy where there is none.
    """
    tried = [override] if override else _places(name, checkpoints)
    found = next((folder for folder in tried if (folder / "config.json").is_file()), None)
    if found is None:
        raise BrokenCheckpoint(
            f"{checkpoints[0] / 'config.json'}: mm_vision_tower {name!r} was found in none of "
            f"{', '.join(str(folder) for folder in tried)}; nothing is fetched: give its folder with "
            "--vision-tower or VLM_VISION_TOWER"
        )
    return found


def _places(name: str, checkpoints: Sequence[Path]) -> list[Path]:
    around = [place / name for one in checkpoints for place in (one, one.resolve().parent)]
    return list(dict.fromkeys([Path(name), *around]))


def tower_config(folder: Path) -> CLIPVisionConfig:
    """The tower's sizes. Raises `UnsupportedCheckpoint` for any other tower than CLIP."""
    config = json.loads((folder / "config.json").read_text())
    if config.get("model_type") not in ("clip", "clip_vision_model"):
        raise UnsupportedCheckpoint(
            f"{folder / 'config.json'}: model_type is {config.get('model_type')!r}: only CLIP towers are read"
        )
    return CLIPVisionConfig.from_pretrained(folder)


def tower_tensors(folder: Path) -> dict[str, Tensor]:
    """The tower's tensors by their names within it; a text tower beside it is left out."""
    found: dict[str, Tensor] = {}
    for tensors in tensors_of(folder):
        for key, tensor in tensors.items():
            if key.startswith("vision_model.") and not key.endswith("position_ids"):
                found[key.removeprefix("vision_model.")] = tensor
    return found
