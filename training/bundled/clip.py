"""The CLIP-type tower: views of photographs drawn to their captions. Its text side is thrown away."""

import random
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig, CLIPVisionModel

from training.appearance import appearance
from training.augmentation import normalise
from training.bundled.balance import balanced
from training.bundled.learning import Learning
from training.bundled.plan import Plan
from training.bundled.views import view
from training.clip_stage import captions_of, contrast
from training.photographs import Photographs
from training.run_folder import Curve
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


def train_clip(plan: Plan, photographs: Photographs, tokenizer: MpoxVLMTokenizer, folder: Path) -> Curve:
    """Train it; the vision tower ends in `folder`."""
    torch.manual_seed(plan.seed + 1)
    text = {
        "vocab_size": tokenizer.tokenizer.get_vocab_size(), "hidden_size": 64, "intermediate_size": 128,
        "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 64,
        "pad_token_id": tokenizer.pad, "eos_token_id": tokenizer.end, "bos_token_id": tokenizer.end,
    }  # fmt: skip
    sizes = clip_vision(plan)
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=sizes.to_dict(), projection_dim=64))
    weights, pixels = balanced(photographs, np.arange(len(photographs))), torch.from_numpy(photographs.pixels)

    def loss_of(_: int, chance: torch.Generator) -> Tensor:
        words = random.Random(int(torch.randint(2**31, (1,), generator=chance)))
        chosen = torch.multinomial(weights, plan.clip.batch, replacement=True, generator=chance)
        views = normalise(view(pixels[chosen], plan.side, plan.views, chance))
        labels = [photographs.labels[row] for row in chosen.tolist()]
        captions = captions_of(labels, appearance(views), words, tokenizer)
        output = model(
            input_ids=captions, attention_mask=captions.ne(tokenizer.pad).long(), pixel_values=views
        )
        return contrast(output.logits_per_image, captions)

    curve = Learning(model, plan.clip, plan.seed + 1, folder, plan).run(loss_of, "CLIP tower")
    tower = CLIPVisionModel(sizes)
    tower.load_state_dict(model.vision_model.state_dict())
    tower.save_pretrained(folder)
    return curve
