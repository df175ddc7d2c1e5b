"""From an original folder to a loaded network with its words and its eyes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import LlavaForConditionalGeneration
from transformers.initialization import no_init_weights

from vlm.errors import BrokenCheckpoint
from vlm.llava.architecture import DeepLlava, configuration
from vlm.llava.key_map import TOWER, standard_key
from vlm.llava.lora import Lora, base_folder
from vlm.llava.original_config import linears, original_config
from vlm.llava.preprocessing import image_processor
from vlm.llava.shards import tensors_of
from vlm.llava.templates import template_of
from vlm.llava.tokenizer import tokenizer_of
from vlm.llava.tower import tower_config, tower_folder, tower_tensors

ROWS = ("lm_head.weight", "model.language_model.embed_tokens.weight")


@dataclass(frozen=True)
class Checkpoint:
    """What was loaded, and from where. `vision_weights` says whose count: `checkpoint` or `tower`."""

    network: LlavaForConditionalGeneration
    tokenizer: Any
    images: Any
    original: dict[str, Any]
    template: str
    vision_weights: str
    folders: tuple[Path, ...]

    @property
    def image(self) -> int:
        """The token of the photograph: one row behind the original vocabulary, never to be written."""
        return int(self.network.config.image_token_index)

    @property
    def places(self) -> int:
        """How many tokens a photograph takes."""
        return int(self.network.config.image_seq_length)


def load_checkpoint(
    folder: Path,
    *,
    base: Path | None = None,
    vision_tower: Path | None = None,
    dtype: torch.dtype = torch.float32,
) -> Checkpoint:
    """The checkpoint of a folder, or of a LoRA folder over its base, on the CPU in evaluation mode.

    Raises `BrokenCheckpoint` or `UnsupportedCheckpoint`. Holds the network in `dtype` and one file beside it.
    """
    is_lora = (folder / "adapter_config.json").is_file()
    weights = base_folder(folder, base) if is_lora else folder
    lora = Lora(folder) if is_lora else None
    original = original_config(weights)
    tower = tower_folder(original["mm_vision_tower"], weights, vision_tower)
    config = configuration(original, tower_config(tower))
    kind: Any = DeepLlava if linears(original) > 2 else LlavaForConditionalGeneration
    with no_init_weights():
        network = kind._from_config(config, dtype=dtype)
    # Without initialisation transformers leaves tied weights apart.
    network.tie_weights()
    own = _fill(network, weights, original, lora)
    if not own:
        seen = set[str]()
        _put(network, {f"model.vision_tower.{k}": v for k, v in tower_tensors(tower).items()}, tower, seen)
        parts = {name for name, _ in network.named_parameters() if name.startswith("model.vision_tower.")}
        if missing := sorted(parts - seen):
            raise BrokenCheckpoint(
                f"{tower} lacks {len(missing)} tensors, {missing[0]!r}: fetch the tower again"
            )
    return Checkpoint(
        network=network.eval(),
        tokenizer=tokenizer_of(
            folder if (folder / "tokenizer.model").is_file() else weights, original["vocab_size"]
        ),
        images=image_processor(tower),
        original=original,
        template=template_of(original["model_type"], folder.resolve().name),
        vision_weights="checkpoint" if own else "tower",
        folders=tuple(dict.fromkeys((folder, weights, tower))),
    )


def _fill(network: Any, folder: Path, original: dict[str, Any], lora: Lora | None) -> bool:
    """Fill the network from the folder, all but the tower; returns whether the tower was filled too."""
    depth, given, filled = linears(original), set[str](), set[str]()
    tower_counts = bool(original.get("unfreeze_mm_vision_tower"))
    for tensors in tensors_of(folder):
        mapped: dict[str, Tensor] = {}
        for key, tensor in tensors.items():
            if key.endswith(("rotary_emb.inv_freq", "position_ids")) or (
                key.startswith(TOWER) and not tower_counts
            ):
                continue
            given.add(key)
            mapped[standard_key(key, depth)] = lora.applied(key, tensor) if lora else tensor
        _put(network, mapped, folder, filled)
    if lora and (strange := sorted((lora.down.keys() - lora.used) | (lora.whole.keys() - given))):
        raise BrokenCheckpoint(
            f"the LoRA changes {strange[0]!r}, which its base lacks: they do not belong together"
        )
    if depth == 1:
        _put(network, _identity(network), folder, filled)
    own = any(key.startswith("model.vision_tower.") for key in filled)
    needed = {
        name for name, _ in network.named_parameters() if own or not name.startswith("model.vision_tower.")
    }
    if missing := sorted(needed - filled):
        raise BrokenCheckpoint(
            f"{folder} lacks {len(missing)} tensors, {missing[0]!r} among them: fetch all files again"
        )
    return own


@torch.no_grad()
def _put(network: Any, tensors: dict[str, Tensor], folder: Path, filled: set[str]) -> None:
    """Copy tensors into the network. Raises `BrokenCheckpoint` for a name or shape that does not fit."""
    places = dict(network.named_parameters(remove_duplicate=False))
    for key, tensor in tensors.items():
        if key not in places:
            raise BrokenCheckpoint(
                f"{folder}: unexpected tensor {key!r}: config.json is not of these weights"
            )
        place = places[key]
        if key in ROWS:
            place[-1].zero_()
            place = place[:-1]
        if place.shape != tensor.shape:
            raise BrokenCheckpoint(
                f"{folder}: tensor {key!r} has shape {tuple(tensor.shape)} where config.json asks for "
                f"{tuple(place.shape)} (wrong hidden size?): config.json is not of these weights"
            )
        place.copy_(tensor)
        filled.add(key)


def _identity(network: Any) -> dict[str, Tensor]:
    second = network.model.multi_modal_projector.linear_2
    name = "model.multi_modal_projector.linear_2"
    return {f"{name}.weight": torch.eye(len(second.weight)), f"{name}.bias": torch.zeros(len(second.weight))}
