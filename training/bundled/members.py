"""The members of the lesion classifier: each learns from all folds but one, and is tried on that one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.bundled.balance import balanced
from training.bundled.folds import folds
from training.bundled.parts import fingerprint, generator, running
from training.bundled.plan import Plan
from training.bundled.views import mixed, view
from training.photographs import Photographs
from training.running.prepared import Item, Prepared
from training.running.run import run_prepared
from vlm.mpoxvlm.colours import without_tone
from vlm.mpoxvlm.lesion import LesionViT
from vlm.mpoxvlm.lesion_config import LesionViTConfig
from vlm.mpoxvlm.sizes import labels as label_names


def lesion_config(plan: Plan) -> LesionViTConfig:
    """The sizes of one ViT."""
    return LesionViTConfig(
        hidden_size=plan.lesion_width,
        intermediate_size=2 * plan.lesion_width,
        num_hidden_layers=plan.lesion_layers,
        num_attention_heads=4,
        image_size=plan.seen_side,
        stem_widths=plan.stem_widths,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        **label_names(),
    )


def train_member(plan: Plan, photographs: Photographs, fold: int, data: Path, out: Path) -> None:
    """Train the member that leaves out `fold`; its weights end in `out`/model."""
    rows = np.setdiff1d(np.arange(len(photographs)), folds(photographs, plan)[fold])
    learnt = photographs.only(rows)

    def prepare() -> Prepared:
        member = LesionViT(lesion_config(plan))
        return Prepared(
            model=cast(Any, member).to(memory_format=torch.channels_last),
            train=_Views(learnt, plan),
            validation=None,
            collate=_together,
            save=lambda network, folder: cast(Any, network).save_pretrained(folder),
            loss=lambda network, item: _loss(network, item, plan),
            weights=balanced(learnt),
        )

    settings = running(plan, plan.member, plan.seed % 2**30 + fold + 1, data, half=True)
    run_prepared(f"member-{fold + 1}", prepare, settings, out)


class _Views:
    """Photographs as random views."""

    def __init__(self, photographs: Photographs, plan: Plan) -> None:
        self.photographs, self.plan = photographs, plan
        self.fingerprint = fingerprint(photographs)

    def __len__(self) -> int:
        return len(self.photographs)

    def draw(self, row: int, chance: torch.Generator | None) -> Item:
        """`views` (3, S, S) from 0 to 1 and `labels` (10,)."""
        pixels = torch.from_numpy(self.photographs.pixels[row])[None]
        seen = view(pixels, self.plan.seen_side, self.plan.views, generator(chance))[0]
        return {"views": seen, "labels": torch.from_numpy(self.photographs.labels[row])}


def _together(items: Sequence[Item]) -> Item:
    return {name: torch.stack([item[name] for item in items]) for name in ("views", "labels")}


def _loss(network: nn.Module, item: Item, plan: Plan) -> Tensor:
    views, targets = mixed(item["views"], item["labels"], plan.views.mixed)
    seen = without_tone(views).contiguous(memory_format=torch.channels_last)
    logits = network(seen).logits.float()
    return functional.cross_entropy(logits, targets, label_smoothing=plan.label_smoothing)
