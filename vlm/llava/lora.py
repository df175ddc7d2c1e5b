"""A LoRA folder of the original code: its low-rank updates, and the whole tensors it trained beside them."""

import json
import math
from pathlib import Path
from typing import Any

from torch import Tensor

from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint
from vlm.llava.shards import read

REFUSED = (
    "use_dora",
    "modules_to_save",
    "rank_pattern",
    "alpha_pattern",
    "fan_in_fan_out",
    "layer_replication",
)


class Lora:
    """Updates by the name of the weight they change. `used` names those that were merged."""

    def __init__(self, folder: Path) -> None:
        """Raises `UnsupportedCheckpoint` naming the field, `BrokenCheckpoint` naming the file."""
        self.folder, self.config = folder, _config(folder)
        file = next(
            (
                folder / n
                for n in ("adapter_model.safetensors", "adapter_model.bin")
                if (folder / n).is_file()
            ),
            None,
        )
        if file is None:
            raise BrokenCheckpoint(
                f"{folder} holds no adapter_model.safetensors or .bin: fetch the folder again"
            )
        tensors = read(file)
        prefix = "base_model.model."
        self.down = {
            k.removeprefix(prefix).replace(".lora_A.weight", ".weight"): v
            for k, v in tensors.items()
            if k.endswith(".lora_A.weight")
        }
        self.up = {
            k.removeprefix(prefix).replace(".lora_B.weight", ".weight"): v
            for k, v in tensors.items()
            if k.endswith(".lora_B.weight")
        }
        if self.down.keys() != self.up.keys() or len(tensors) != len(self.down) + len(self.up):
            raise BrokenCheckpoint(
                f"{file} does not hold pairs of lora_A and lora_B alone: fetch the file again"
            )
        rank = self.config["r"]
        self.scale = self.config["lora_alpha"] / (math.sqrt(rank) if self.config.get("use_rslora") else rank)
        self.whole = _whole(folder)
        self.used: set[str] = set()

    def applied(self, key: str, tensor: Tensor) -> Tensor:
        """The weight as the original merges it: the update is made in float32 and added in float16.

        The original holds the whole model in float16 while it merges, so that every tensor is rounded to it.
        """
        tensor = tensor.half()
        if key not in self.down:
            return tensor
        self.used.add(key)
        update: Tensor = self.scale * (self.up[key].float() @ self.down[key].float())
        if update.shape != tensor.shape:
            raise BrokenCheckpoint(
                f"adapter_model: the update of {key!r} has shape {tuple(update.shape)}, its base "
                f"{tuple(tensor.shape)}: they do not belong together; give the right --base"
            )
        merged: Tensor = tensor + update.half()
        return merged


def base_folder(lora: Path, override: Path | None) -> Path:
    """The folder of the base checkpoint. Raises `BrokenCheckpoint` with the remedy where there is none."""
    name = str(_config(lora).get("base_model_name_or_path") or "")
    tried = (
        [override]
        if override
        else [Path(name), lora / name, lora.parent / name, lora.parent / Path(name).name]
    )
    found = next(
        (folder for folder in tried if name != "" or override if (folder / "config.json").is_file()), None
    )
    if found is None:
        raise BrokenCheckpoint(
            f"{lora / 'adapter_config.json'}: base_model_name_or_path {name!r} leads to no checkpoint; "
            "nothing is fetched: give its folder with --base or VLM_LORA_BASE"
        )
    return found


def _config(folder: Path) -> dict[str, Any]:
    file = folder / "adapter_config.json"
    try:
        config = dict(json.loads(file.read_text()))
    except (ValueError, TypeError, OSError) as error:
        raise BrokenCheckpoint(f"{file} cannot be read ({error}): fetch the file again") from None
    for field in REFUSED:
        if config.get(field):
            raise UnsupportedCheckpoint(
                f"{file}: {field} is {config[field]!r}: this kind of LoRA is not merged"
            )
    if config.get("bias", "none") != "none" or config.get("peft_type", "LORA") != "LORA":
        raise UnsupportedCheckpoint(f"{file}: bias or peft_type: only plain LoRA without biases is merged")
    return config


def _whole(folder: Path) -> dict[str, Tensor]:
    file = folder / "non_lora_trainables.bin"
    if not file.is_file():
        raise BrokenCheckpoint(f"{file} is missing: without it the trained projector is lost; fetch it again")
    return {
        key.removeprefix("base_model.").replace("model.model.", "model.", 1): value
        for key, value in read(file).items()
    }
