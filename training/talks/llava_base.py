"""LLaVA as a base: an original checkpoint, or one that was imported into transformers' form.

Of an original one, what is written is in the original format: `mm_projector.bin`, or a LoRA folder with the
trained projector beside it in `non_lora_trainables.bin`. Of an imported one it is a whole folder again.
"""

import json
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from training.config import Talking
from training.stages.bases import BaseError
from training.talks.base import Base, freeze
from training.talks.files import copy_words
from training.talks.original_names import original_name, original_updates
from vlm.llava.checkpoint import load_checkpoint
from vlm.llava.imported import is_imported, load_imported
from vlm.llava.key_map import standard_key
from vlm.llava.original_config import linears
from vlm.llava.preprocessing import pixels
from vlm.llava.shards import read
from vlm.llava.tokenizer import prompt_ids

PROJECTOR, BESIDE = "mm_projector.bin", "non_lora_trainables.bin"
LINEARS = r"model\.layers\.\d+\.(self_attn\.(q|k|v|o)_proj|mlp\.(gate|up|down)_proj)"


class LlavaBase(Base):
    """Raises `ModelError` as the loader does."""

    projectors = ("multi_modal_projector",)

    def __init__(self, settings: Talking) -> None:
        self.folder = settings.base
        self.imported = is_imported(settings.base)
        self._loaded = (
            load_imported(settings.base, torch.float32, settings.template)
            if self.imported
            else load_checkpoint(settings.base, vision_tower=settings.vision_tower, dtype=torch.float32)
        )
        self.network: Any = self._loaded.network
        self.depth = linears(self._loaded.original)
        self.end = str(self._loaded.tokenizer.eos_token)
        self.pad = int(self._loaded.tokenizer.pad_token_id or self._loaded.tokenizer.eos_token_id)

    def ids(self, text: str) -> list[int]:
        """As the original makes them: what stands on each side of a photograph by itself."""
        return prompt_ids(self._loaded.tokenizer, text, self._loaded.image, self._loaded.places)

    def pictures(self, image: Image.Image) -> dict[str, Tensor]:
        """Padded to a square, as the original trains."""
        return {"pixel_values": pixels(self._loaded.images, image, "pad")}

    def freeze_towers(self) -> None:
        """And the identity that stands beside a projector of one linear."""
        super().freeze_towers()
        if self.depth == 1:
            freeze(self.network.model.multi_modal_projector.linear_2)

    def save_projectors(self, folder: Path) -> None:
        """The projector's tensors by the original's names, and the configuration that goes with them."""
        if self.imported:
            self._save_whole(folder)
            return
        torch.save(self._projector(), folder / PROJECTOR)
        self._save_configuration(folder)

    def save_tuned(self, model: Any, folder: Path) -> None:
        """A LoRA folder over the base, as the original lays it out."""
        if model is self.network:
            raise BaseError(f"base {self.folder}: with lora null nothing is left that the format can hold")
        if self.imported:
            self.network = model.merge_and_unload(safe_merge=True)
            self._save_whole(folder)
            return
        from peft import get_peft_model_state_dict
        from safetensors.torch import save_file

        config = model.peft_config["default"]
        config.base_model_name_or_path, config.inference_mode = str(self.folder.resolve()), True
        config.target_modules, config.task_type = LINEARS, "CAUSAL_LM"
        config.save_pretrained(str(folder))
        updates = get_peft_model_state_dict(model, save_embedding_layers=False)
        save_file(original_updates(updates), folder / "adapter_model.safetensors", {"format": "pt"})
        beside = {f"base_model.model.{name}": tensor for name, tensor in self._projector().items()}
        torch.save(beside, folder / BESIDE)
        self._save_configuration(folder)

    def load_projectors(self, file: Path) -> None:
        """Read `mm_projector.bin`, or what stands beside a LoRA."""
        projector = dict(self.network.model.multi_modal_projector.named_parameters())
        prefix = "model.multi_modal_projector."
        told = {
            standard_key("model." + key[key.index("mm_projector") :], self.depth).removeprefix(prefix): tensor
            for key, tensor in read(file).items()
            if "mm_projector" in key
        }
        needed = {name for name in projector if self.depth > 1 or not name.startswith("linear_2.")}
        if told.keys() != needed:
            raise BaseError(
                f"projector {file} does not hold the tensors of a projector of {self.depth} linears"
            )
        with torch.no_grad():
            for name, tensor in told.items():
                if projector[name].shape != tensor.shape:
                    raise BaseError(
                        f"projector {file}: {name} has shape {tuple(tensor.shape)}: of another base"
                    )
                projector[name].copy_(tensor)

    def _projector(self) -> dict[str, Tensor]:
        named = self.network.model.multi_modal_projector.named_parameters()
        kept = {original_name(name, self.depth): value.detach().cpu().clone() for name, value in named}
        return {name: value for name, value in kept.items() if name}

    def _save_configuration(self, folder: Path) -> None:
        told = self._loaded.original | {"image_aspect_ratio": "pad"}
        (folder / "config.json").write_text(json.dumps(told, indent=2) + "\n")

    def _save_whole(self, folder: Path) -> None:
        self.network.save_pretrained(folder)
        copy_words(self.folder, folder)
