"""Stages 3 and 4: the decoder on question-answer text, first over still towers, then with them.

In stage 3 the towers' views of every photograph are computed once; the projector, the soft prompt and the
decoder learn from freshly drawn clinical information. In stage 4 the lesion classifier learns too; the CLIP
tower stays frozen, and cases may state half of all facts at once.
"""

import random
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm
from transformers import CLIPVisionModel, LlamaConfig, ViTForImageClassification

from training.appearance import appearance
from training.augmentation import plain_view, random_view
from training.clip_stage import clip_vision_config
from training.examples import Batch, draw_batch
from training.lesion_stage import lesion_config
from training.optimisation import MovingAverage, Optimiser, balanced_weights
from training.photographs import Photographs
from training.plan import Plan, Stage
from training.run_folder import Curve
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration, TowerViews, image_outputs
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer


def untrained_model(plan: Plan, tokenizer: MpoxVLMTokenizer) -> MpoxVLMForConditionalGeneration:
    """The whole network at the plan's width."""
    text = LlamaConfig(
        vocab_size=tokenizer.tokenizer.get_vocab_size(),
        hidden_size=plan.text_width,
        intermediate_size=2 * plan.text_width,
        num_hidden_layers=plan.text_layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=512,
        pad_token_id=tokenizer.pad,
        bos_token_id=None,
        eos_token_id=tokenizer.end,
        tie_word_embeddings=True,
    )
    config = MpoxVLMConfig(
        vision_config=clip_vision_config(plan).to_dict(),
        lesion_config=lesion_config(plan).to_dict(),
        text_config=text.to_dict(),
        image_token_index=tokenizer.image,
        vision_feature_layer=-1,
        tie_word_embeddings=True,
    )
    return MpoxVLMForConditionalGeneration(config)


def with_towers(
    model: MpoxVLMForConditionalGeneration, clip: CLIPVisionModel, lesion: ViTForImageClassification
) -> None:
    """Give the model the towers of stages 1 and 2."""
    model.model.vision_tower.load_state_dict(clip.state_dict())
    model.model.lesion_classifier.load_state_dict(lesion.state_dict())


def train_decoder(
    plan: Plan, train: Photographs, tokenizer: MpoxVLMTokenizer, model: MpoxVLMForConditionalGeneration
) -> Curve:
    """Stage 3 in place: towers frozen."""
    torch.manual_seed(plan.seed + 2)
    chance, words = torch.Generator().manual_seed(plan.seed + 2), random.Random(plan.seed + 2)
    views = _cached_views(plan, train, model, chance)
    _freeze(model.model.vision_tower, model.model.lesion_classifier)
    weights = balanced_weights(train.labels, train.groups)
    learner, curve = _Learner(plan.decoder, model), Curve()
    for step in tqdm(range(plan.decoder.steps), desc="decoder", mininterval=5):
        chosen = torch.multinomial(weights, plan.decoder.batch, replacement=True, generator=chance)
        which = torch.randint(0, plan.views, chosen.shape, generator=chance) * len(train) + chosen
        seen = [views.seen[i] for i in which.tolist()]
        batch = _draw(train, chosen, seen, tokenizer, model, words)
        loss = _answer_loss(model, batch, model.model.fuse(views.of(which)))
        learner.step(step, loss, curve)
    learner.average.apply()
    return curve


def train_jointly(
    plan: Plan, train: Photographs, tokenizer: MpoxVLMTokenizer, model: MpoxVLMForConditionalGeneration
) -> Curve:
    """Stage 4 in place: CLIP tower frozen."""
    torch.manual_seed(plan.seed + 3)
    chance, words = torch.Generator().manual_seed(plan.seed + 3), random.Random(plan.seed + 3)
    model.train().requires_grad_(True)
    _freeze(model.model.vision_tower)
    weights = balanced_weights(train.labels, train.groups)
    pixels, labels = torch.from_numpy(train.pixels), torch.from_numpy(train.labels)
    learner, curve = _Learner(plan.joint, model), Curve()
    for step in tqdm(range(plan.joint.steps), desc="joint", mininterval=5):
        chosen = torch.multinomial(weights, plan.joint.batch, replacement=True, generator=chance)
        views = random_view(pixels[chosen], plan.side, chance)
        seen = model.model.view(views)
        batch = _draw(train, chosen, appearance(views), tokenizer, model, words, wide=True)
        loss = _answer_loss(model, batch, model.model.fuse(seen))
        loss = loss + functional.cross_entropy(seen.lesion_logits, labels[chosen], label_smoothing=0.05)
        learner.step(step, loss, curve)
    learner.average.apply()
    model.eval()
    return curve


class _Learner:
    """Optimiser, moving average and curve of one stage."""

    def __init__(self, stage: Stage, model: nn.Module) -> None:
        self.stage = stage
        self.optimiser, self.average = Optimiser(model.parameters(), stage), MovingAverage(model)

    def step(self, number: int, loss: Tensor, curve: Curve) -> None:
        value = self.optimiser.step(loss)
        self.average.update()
        if number % max(1, self.stage.steps // 20) == 0 or number == self.stage.steps - 1:
            curve.append({"step": number, "loss": value})
            tqdm.write(str(curve[-1]))


@dataclass(frozen=True)
class _CachedViews:
    """Views of all photographs, view by view; halves in memory."""

    patches: Tensor
    lesion_token: Tensor
    lesion_logits: Tensor
    seen: list[tuple[str, str, str]]

    def of(self, which: Tensor) -> TowerViews:
        return TowerViews(
            self.patches[which].float(), self.lesion_token[which].float(), self.lesion_logits[which].float()
        )


@torch.no_grad()
def _cached_views(
    plan: Plan, train: Photographs, model: MpoxVLMForConditionalGeneration, chance: torch.Generator
) -> _CachedViews:
    """`plan.views` views of each photograph, the first one plain."""
    model.eval()
    pixels, parts, seen = torch.from_numpy(train.pixels), [], []
    for number in range(plan.views):
        for chunk in pixels.split(64):
            views = random_view(chunk, plan.side, chance) if number else plain_view(chunk, plan.side)
            parts.append(model.model.view(views))
            seen.extend(appearance(views))
    model.train()
    return _CachedViews(
        torch.cat([part.patches.half() for part in parts]).clone(),
        torch.cat([part.lesion_token.half() for part in parts]).clone(),
        torch.cat([part.lesion_logits.half() for part in parts]).clone(),
        seen,
    )


def _draw(
    train: Photographs,
    chosen: Tensor,
    seen: list[tuple[str, str, str]],
    tokenizer: MpoxVLMTokenizer,
    model: MpoxVLMForConditionalGeneration,
    words: random.Random,
    *,
    wide: bool = False,
) -> Batch:
    numbers = chosen.tolist()
    labels, rows = [train.labels[i].tolist() for i in numbers], [train.rows[i] for i in numbers]
    return draw_batch(labels, rows, seen, tokenizer, model.config.image_seq_length, words, wide=wide)


def _answer_loss(model: MpoxVLMForConditionalGeneration, batch: Batch, image_tokens: Tensor) -> Tensor:
    """Mean loss of the answers plus mean loss of the explanations: the one answer token counts as much."""
    hidden = model.model(
        input_ids=batch.ids,
        attention_mask=batch.attention,
        mm_encoder_outputs={"image": image_outputs(image_tokens)},
        use_cache=False,
    ).last_hidden_state[:, :-1]
    targets = batch.ids[:, 1:]
    losses = []
    for part in (batch.answer[:, 1:], batch.explanation[:, 1:]):
        if part.any():
            losses.append(functional.cross_entropy(model.lm_head(hidden[part]), targets[part]))
    return torch.stack(losses).sum()


def _freeze(*modules: nn.Module) -> None:
    for module in modules:
        module.requires_grad_(False)
        module.eval()
