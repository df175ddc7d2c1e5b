"""From an original folder to a loaded network with its words and its eyes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import LlavaForConditionalGeneration
from transformers.initialization import no_init_weights

from vlm.llava.architecture import DeepLlava, configuration
from vlm.llava.filling import Filling, Used
from vlm.llava.lora import Lora, base_folder
from vlm.llava.original_config import linears, original_config
from vlm.llava.preprocessing import image_processor
from vlm.llava.shards import widest
from vlm.llava.templates import template_of
from vlm.llava.tokenizer import tokenizer_of
from vlm.llava.tower import tower_config, tower_folder


@dataclass(frozen=True)
class Checkpoint:
    """What was loaded, and from where. `vision_weights` says whose count: `checkpoint` or `tower`.

    `folders`: the checkpoint, the base of a LoRA, the tower. `used` is None for an imported folder.
    """

    network: LlavaForConditionalGeneration
    tokenizer: Any
    images: Any
    original: dict[str, Any]
    template: str
    vision_weights: str
    folders: tuple[Path, ...]
    used: Used | None = None

    @property
    def image(self) -> int:
        """The token of the photograph: one row behind the original vocabulary, never to be written."""
        return int(self.network.config.image_token_index)

    @property
    def places(self) -> int:
        """How many tokens a photograph takes."""
        return int(self.network.config.image_seq_length)

    @property
    def way(self) -> str:
        """How photographs are prepared: `pad` as in training where config.json says so, else `seed`."""
        return "pad" if self.original.get("image_aspect_ratio") == "pad" else "seed"


def load_checkpoint(
    folder: Path,
    *,
    base: Path | None = None,
    vision_tower: Path | None = None,
    dtype: torch.dtype | None = torch.float32,
    template: str = "",
) -> Checkpoint:
    """The checkpoint of a folder, or of a LoRA folder over its base, on the CPU in evaluation mode.

    The configuration of a LoRA is that of its own folder, and the base's only where it has none. `dtype` None
    keeps the precision of the files: one for the tower, one for all else. Without `template` the folder's
    kind and name choose it. Raises `BrokenCheckpoint` or `UnsupportedCheckpoint`.
    Holds the network and one file.
    """
    is_lora = (folder / "adapter_config.json").is_file()
    weights = base_folder(folder, base) if is_lora else folder
    said = folder if (folder / "config.json").is_file() else weights
    original = original_config(said)
    lora = Lora(folder) if is_lora else None
    tower = tower_folder(original["mm_vision_tower"], (said, weights), vision_tower)
    tokenizer = tokenizer_of([weights, folder], original["vocab_size"])
    images = image_processor(tower)
    network = _empty(original, tower, dtype or (torch.float16 if lora else widest(weights)))
    if dtype is None:
        network.model.vision_tower.to(widest(tower))
    used = Filling(network, original, lora).fill(weights, tower)
    return Checkpoint(
        network=network.eval(),
        tokenizer=tokenizer,
        images=images,
        original=original,
        template=template or template_of(original["model_type"], folder.resolve().name),
        vision_weights=used.vision_weights,
        folders=tuple(dict.fromkeys((folder, weights, tower))),
        used=used,
    )


def _empty(original: dict[str, Any], tower: Path, dtype: torch.dtype) -> Any:
    kind: Any = DeepLlava if linears(original) > 2 else LlavaForConditionalGeneration
    with no_init_weights():
        network = kind._from_config(configuration(original, tower_config(tower)), dtype=dtype)
    # Without initialisation transformers leaves tied weights apart.
    network.tie_weights()
    return network
