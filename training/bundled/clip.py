"""The CLIP-type tower: views of photographs drawn to their captions. Its text side is thrown away."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig, CLIPVisionModel

from training.appearance import appearance
from training.augmentation import normalise
from training.bundled.balance import balanced
from training.bundled.parts import fingerprint, generator, running
from training.bundled.plan import Plan
from training.bundled.views import view
from training.explanations import TYPICAL
from training.photographs import Photographs
from training.running.prepared import Item, Prepared
from training.running.run import run_prepared
from training.stages.clip import contrast
from triage.findings import CONDITION_NAMES, CONDITIONS
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer


def clip_vision(plan: Plan) -> CLIPVisionConfig:
    """The tower's sizes; its patches are as large as the lesion classifier's."""
    return CLIPVisionConfig(
        hidden_size=plan.clip_width,
        intermediate_size=2 * plan.clip_width,
        num_hidden_layers=plan.clip_layers,
        num_attention_heads=4,
        image_size=plan.side,
        patch_size=2 ** len(plan.stem_widths),
        projection_dim=64,
    )


def train_clip(
    plan: Plan, photographs: Photographs, tokenizer: MpoxVLMTokenizer, data: Path, out: Path
) -> None:
    """Train it; the vision tower ends in `out`/model."""

    def prepare() -> Prepared:
        return Prepared(
            model=_untrained(plan, tokenizer),
            train=_Captioned(plan, photographs, tokenizer),
            validation=None,
            collate=lambda items: _together(items, tokenizer.pad),
            save=_save_tower,
            loss=contrast,
            weights=balanced(photographs),
        )

    run_prepared("clip", prepare, running(plan, plan.clip, plan.seed % 2**30, data), out)


class _Captioned:
    """Random views with captions: the condition, what is typical of it, and how the view looks."""

    def __init__(self, plan: Plan, photographs: Photographs, tokenizer: MpoxVLMTokenizer) -> None:
        self.plan, self.photographs, self.tokenizer = plan, photographs, tokenizer
        self.fingerprint = fingerprint(photographs)

    def __len__(self) -> int:
        return len(self.photographs)

    def draw(self, row: int, chance: torch.Generator | None) -> Item:
        """`pixel_values` (3, S, S) and the caption's token ids."""
        drawn = generator(chance)
        pixels = torch.from_numpy(self.photographs.pixels[row])[None]
        seen = normalise(view(pixels, self.plan.side, self.plan.views, drawn))
        words = random.Random(int(torch.randint(2**31, (1,), generator=drawn)))
        (condition,) = words.choices(CONDITIONS, weights=self.photographs.labels[row].tolist())
        told = "; ".join([CONDITION_NAMES[condition], TYPICAL[condition], *appearance(seen)[0]])
        ids = torch.tensor([*self.tokenizer.encode(f" {told}"), self.tokenizer.end])
        return {"pixel_values": seen[0], "input_ids": ids}


def _together(items: Sequence[Item], pad: int) -> Item:
    ids = pad_sequence([item["input_ids"] for item in items], batch_first=True, padding_value=pad)
    return {
        "pixel_values": torch.stack([item["pixel_values"] for item in items]),
        "input_ids": ids,
        "attention_mask": ids.ne(pad).long(),
    }


def _untrained(plan: Plan, tokenizer: MpoxVLMTokenizer) -> nn.Module:
    text = {
        "vocab_size": tokenizer.tokenizer.get_vocab_size(),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
        "pad_token_id": tokenizer.pad,
        "eos_token_id": tokenizer.end,
        "bos_token_id": tokenizer.end,
    }
    vision = clip_vision(plan).to_dict()
    return cast(nn.Module, CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=64)))


def _save_tower(network: nn.Module, folder: Path) -> None:
    whole: Any = network
    tower = CLIPVisionModel(whole.config.vision_config)
    tower.load_state_dict(whole.vision_model.state_dict())
    tower.save_pretrained(folder)
