"""Puts the tensors of a checkpoint, its LoRA and its tower into a network: each fits, none is missing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vlm.errors import BrokenCheckpoint
from vlm.llava.key_map import TOWER, standard_key
from vlm.llava.lora import Lora
from vlm.llava.original_config import linears
from vlm.llava.shards import tensors_of
from vlm.llava.tower import tower_tensors

ROWS = ("lm_head.weight", "model.language_model.embed_tokens.weight")
VISION = "model.vision_tower."


@dataclass(frozen=True)
class Used:
    """How many tensors came from where. `left_out`: vision weights that do not count."""

    checkpoint: int
    tower: int
    lora_updates: int
    trained_beside_lora: int
    left_out: int

    @property
    def vision_weights(self) -> str:
        """Whose count: `checkpoint` or `tower`."""
        return "tower" if self.tower else "checkpoint"


class Filling:
    """One network being filled. Its embeddings have one row more than the checkpoint's: zero."""

    def __init__(self, network: Any, original: dict[str, Any], lora: Lora | None) -> None:
        self._places = dict(network.named_parameters(remove_duplicate=False))
        self._needed = {name for name, _ in network.named_parameters()}
        self._projector = network.model.multi_modal_projector
        self._depth = linears(original)
        self._vision_counts = bool(original.get("unfreeze_mm_vision_tower"))
        self._lora = lora
        self._filled: set[str] = set()
        self._left_out = 0

    def fill(self, weights: Path, tower: Path) -> Used:
        """Fill every place. Raises `BrokenCheckpoint` for a tensor missing, unexpected or misshapen."""
        read = sum(self._take(tensors, weights) for tensors in tensors_of(weights))
        beside = self._take_those_beside_the_lora()
        if self._depth == 1:
            self._put(_identity(self._projector), weights)
        own = any(name.startswith(VISION) for name in self._filled)
        seen = 0 if own else self._take_tower(tower)
        self._refuse_lora_of_another_base()
        if missing := sorted(self._needed - self._filled):
            lacking = tower if missing[0].startswith(VISION) and not own else weights
            raise BrokenCheckpoint(
                f"{lacking} lacks {len(missing)} tensors, {missing[0]!r} among them: fetch all files again"
            )
        return Used(
            checkpoint=read,
            tower=seen,
            lora_updates=len(self._lora.used) if self._lora else 0,
            trained_beside_lora=beside,
            left_out=self._left_out,
        )

    def _take(self, tensors: dict[str, Tensor], folder: Path) -> int:
        """Put those that count, with their LoRA updates; those trained beside the LoRA come later."""
        counting = self._counting(tensors)
        replaced = self._lora.whole if self._lora else {}
        self._put(
            {
                standard_key(key, self._depth): self._updated(key, tensor)
                for key, tensor in counting.items()
                if key not in replaced
            },
            folder,
        )
        return len(counting)

    def _take_those_beside_the_lora(self) -> int:
        if not self._lora:
            return 0
        counting = self._counting(self._lora.whole)
        mapped = {standard_key(key, self._depth): self._updated(key, t) for key, t in counting.items()}
        self._put(mapped, self._lora.folder)
        return len(counting)

    def _take_tower(self, tower: Path) -> int:
        tensors = tower_tensors(tower)
        changed = {k: self._updated(TOWER + k, t) if self._vision_counts else t for k, t in tensors.items()}
        self._put({VISION + key: tensor for key, tensor in changed.items()}, tower)
        return len(tensors)

    def _counting(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Without buffers, and without vision weights unless the configuration says that they count."""
        held = {k: t for k, t in tensors.items() if not k.endswith(("rotary_emb.inv_freq", "position_ids"))}
        counting = {k: t for k, t in held.items() if self._vision_counts or not k.startswith(TOWER)}
        self._left_out += len(held) - len(counting)
        return counting

    def _updated(self, key: str, tensor: Tensor) -> Tensor:
        return self._lora.applied(key, tensor) if self._lora else tensor

    def _refuse_lora_of_another_base(self) -> None:
        if not self._lora:
            return
        unused = self._lora.down.keys() - self._lora.used
        if strange := sorted(k for k in unused if self._vision_counts or not k.startswith(TOWER)):
            raise BrokenCheckpoint(
                f"{self._lora.folder}: the LoRA changes {strange[0]!r}, which its base lacks: they do not "
                "belong together; give the right --base"
            )

    @torch.no_grad()
    def _put(self, tensors: dict[str, Tensor], folder: Path) -> None:
        for key, tensor in tensors.items():
            if key not in self._places:
                raise BrokenCheckpoint(
                    f"{folder}: unexpected tensor {key!r}: config.json is not of these weights"
                )
            place = self._places[key]
            if key in ROWS:
                place[-1].zero_()
                place = place[:-1]
            if place.shape != tensor.shape:
                raise BrokenCheckpoint(
                    f"{folder}: tensor {key!r} has shape {tuple(tensor.shape)} where config.json asks for "
                    f"{tuple(place.shape)} (wrong hidden size?): config.json is not of these weights"
                )
            place.copy_(tensor)
            self._filled.add(key)


def _identity(projector: Any) -> dict[str, Tensor]:
    name, width = "model.multi_modal_projector.linear_2", len(projector.linear_2.weight)
    return {f"{name}.weight": torch.eye(width), f"{name}.bias": torch.zeros(width)}
