"""Stage 2: the CLIP-type tower, by contrastive alignment of views with captions.

The text tower serves this stage alone and is thrown away. Captions that are equal count as equal answers.
"""

import random

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm
from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig, CLIPVisionModel

from training.appearance import appearance
from training.augmentation import random_view
from training.explanations import TYPICAL
from training.optimisation import MovingAverage, Optimiser, balanced_weights
from training.photographs import Photographs
from training.plan import Plan
from training.run_folder import Curve
from triage.findings import CONDITION_NAMES, CONDITIONS
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer


def clip_vision_config(plan: Plan) -> CLIPVisionConfig:
    """The CLIP tower's sizes."""
    return CLIPVisionConfig(
        hidden_size=plan.vision_width,
        intermediate_size=2 * plan.vision_width,
        num_hidden_layers=plan.clip_layers,
        num_attention_heads=4,
        image_size=plan.side,
        patch_size=plan.patch,
    )


def train_clip_tower(
    plan: Plan, train: Photographs, tokenizer: MpoxVLMTokenizer
) -> tuple[CLIPVisionModel, Curve]:
    """Returns the vision tower and its curve (step, loss)."""
    stage, chance, words = (
        plan.clip,
        torch.Generator().manual_seed(plan.seed + 1),
        random.Random(plan.seed + 1),
    )
    torch.manual_seed(plan.seed + 1)
    model = _clip_model(plan, tokenizer).train()
    optimiser, average = Optimiser(model.parameters(), stage), MovingAverage(model)
    weights = balanced_weights(train.labels, train.groups)
    pixels = torch.from_numpy(train.pixels)
    curve: Curve = []
    for step in tqdm(range(stage.steps), desc="clip tower", mininterval=5):
        chosen = torch.multinomial(weights, stage.batch, replacement=True, generator=chance)
        views = random_view(pixels[chosen], plan.side, chance)
        seen = appearance(views)
        captions = _captions([train.labels[i] for i in chosen.tolist()], seen, words, tokenizer)
        output = model(
            input_ids=captions, attention_mask=captions.ne(tokenizer.pad).long(), pixel_values=views
        )
        loss = optimiser.step(_contrast(output.logits_per_image, captions))
        average.update()
        if step % max(1, stage.steps // 20) == 0:
            curve.append({"step": step, "loss": loss})
    average.apply()
    return _vision_tower(plan, model), curve


def _clip_model(plan: Plan, tokenizer: MpoxVLMTokenizer) -> CLIPModel:
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
    vision = clip_vision_config(plan).to_dict()
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=64))


def _vision_tower(plan: Plan, model: CLIPModel) -> CLIPVisionModel:
    tower = CLIPVisionModel(clip_vision_config(plan))
    tower.load_state_dict(model.vision_model.state_dict())
    tower.eval()
    return tower


def _captions(
    labels: list[Tensor], seen: list[tuple[str, str, str]], chance: random.Random, tokenizer: MpoxVLMTokenizer
) -> Tensor:
    """Token ids (B, L), right-padded, each with its end."""
    rows = []
    for label, words in zip(labels, seen, strict=True):
        (condition,) = chance.choices(CONDITIONS, weights=list(label))
        text = f" {CONDITION_NAMES[condition]}; {TYPICAL[condition]}; {'; '.join(words)}"
        rows.append(torch.tensor([*tokenizer.encode(text), tokenizer.end]))
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=tokenizer.pad)


def _contrast(logits: Tensor, captions: Tensor) -> Tensor:
    """Cross-entropy both ways over logits (B, B), equal captions sharing the target."""
    same = (captions[:, None] == captions[None]).all(-1).float()
    target = same / same.sum(1, keepdim=True)
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2
