"""The members of the lesion classifier: each learns from all folds but one, and is tried on that one."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold
from torch import Tensor
from torch.nn import functional

from training.augmentation import normalise
from training.bundled.balance import balanced
from training.bundled.learning import Learning
from training.bundled.plan import Plan
from training.bundled.views import mixed, tones, view
from training.photographs import Photographs
from training.run_folder import Curve
from vlm.mpoxvlm.lesion import LesionViT, LesionViTConfig
from vlm.mpoxvlm.sizes import labels as label_names


def folds(photographs: Photographs, plan: Plan) -> list[NDArray[np.int64]]:
    """Row numbers of each fold: conditions alike in all, groups never in two."""
    splitter = StratifiedGroupKFold(plan.folds, shuffle=True, random_state=plan.seed % 2**31)
    conditions = photographs.conditions
    return [held_out for _, held_out in splitter.split(conditions, conditions, photographs.groups)]


def lesion_config(plan: Plan) -> LesionViTConfig:
    """The sizes of one member."""
    return LesionViTConfig(
        hidden_size=plan.lesion_width,
        intermediate_size=2 * plan.lesion_width,
        num_hidden_layers=plan.lesion_layers,
        num_attention_heads=4,
        image_size=plan.side,
        stem_widths=plan.stem_widths,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        **label_names(),
    )


def train_member(plan: Plan, photographs: Photographs, fold: int, folder: Path) -> Curve:
    """Train the member that leaves out `fold`; its weights end in `folder`."""
    held_out = folds(photographs, plan)[fold]
    rows = np.setdiff1d(np.arange(len(photographs)), held_out)
    seed = plan.seed + 1000 * (fold + 1)
    torch.manual_seed(seed)
    member = LesionViT(lesion_config(plan))
    cast(Any, member).to(memory_format=torch.channels_last)
    labels = torch.from_numpy(photographs.labels[rows])
    copies = tones(photographs.pixels[rows], plan.views.turns)
    weights = balanced(photographs, rows)

    def loss_of(_: int, chance: torch.Generator) -> Tensor:
        picked = torch.multinomial(weights, plan.member.batch, replacement=True, generator=chance)
        tone = torch.randint(len(copies), (len(picked),), generator=chance)
        views = view(copies[tone, picked], plan.side, plan.views, chance)
        views, targets = mixed(views, labels[picked], plan.views.mixed, chance)
        seen = normalise(views).contiguous(memory_format=torch.channels_last)
        logits = member(seen).logits
        return functional.cross_entropy(logits, targets, label_smoothing=plan.label_smoothing)

    learning = Learning(member, plan.member, seed, folder, plan)
    curve = learning.run(loss_of, f"member {fold + 1} of {plan.folds}")
    member.save_pretrained(folder)
    return curve
