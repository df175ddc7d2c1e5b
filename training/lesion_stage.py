"""Stage 1: the lesion classifier, a ViT over the ten conditions."""

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm
from transformers import ViTConfig, ViTForImageClassification

from training.augmentation import plain_view, random_view
from training.optimisation import MovingAverage, Optimiser, balanced_weights
from training.photographs import Photographs
from training.plan import Plan
from triage.findings import CONDITIONS


def lesion_config(plan: Plan) -> ViTConfig:
    """The lesion classifier's sizes."""
    return ViTConfig(
        hidden_size=plan.vision_width,
        intermediate_size=2 * plan.vision_width,
        num_hidden_layers=plan.lesion_layers,
        num_attention_heads=4,
        image_size=plan.side,
        patch_size=plan.patch,
        hidden_dropout_prob=0.05,
        attention_probs_dropout_prob=0.0,
        id2label={index: str(condition) for index, condition in enumerate(CONDITIONS)},
        label2id={str(condition): index for index, condition in enumerate(CONDITIONS)},
    )


def train_lesion_classifier(
    plan: Plan, train: Photographs, val: Photographs
) -> tuple[ViTForImageClassification, list[dict[str, float]]]:
    """Returns the averaged classifier and its curve (step, loss, validation accuracy)."""
    stage, chance = plan.lesion, torch.Generator().manual_seed(plan.seed)
    torch.manual_seed(plan.seed)
    model = ViTForImageClassification(lesion_config(plan)).train()
    optimiser, average = Optimiser(model.parameters(), stage), MovingAverage(model)
    weights = balanced_weights(train.labels, train.groups)
    pixels, labels = torch.from_numpy(train.pixels), torch.from_numpy(train.labels)
    curve: list[dict[str, float]] = []
    for step in tqdm(range(stage.steps), desc="lesion classifier", mininterval=5):
        chosen = torch.multinomial(weights, stage.batch, replacement=True, generator=chance)
        views, targets = _mixed(random_view(pixels[chosen], plan.side, chance), labels[chosen], chance)
        logits = model(pixel_values=views).logits
        loss = optimiser.step(functional.cross_entropy(logits, targets, label_smoothing=0.05))
        average.update()
        if step % max(1, stage.steps // 20) == 0 or step == stage.steps - 1:
            curve.append({"step": step, "loss": loss, "val_accuracy": _accuracy(model, val, plan.side)})
            tqdm.write(str(curve[-1]))
    average.apply()
    curve.append({"step": stage.steps, "loss": loss, "val_accuracy": _accuracy(model, val, plan.side)})
    tqdm.write(str(curve[-1]))
    return model.eval(), curve


def _mixed(views: Tensor, labels: Tensor, chance: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mixup of each view with another one, lightly: labels of small data are memorised otherwise."""
    share = torch.rand(len(views), generator=chance).mul(0.3)
    order = torch.randperm(len(views), generator=chance)
    part = share.view(-1, 1, 1, 1)
    return views * (1 - part) + views[order] * part, labels * (1 - share[:, None]) + labels[order] * share[
        :, None
    ]


def _accuracy(model: ViTForImageClassification, val: Photographs, side: int) -> float:
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        logits = model(pixel_values=plain_view(torch.from_numpy(val.pixels), side)).logits
    model.train(was_training)
    right = logits.argmax(-1).numpy() == val.conditions
    return float(right[val.decided].mean())
