"""Stage classifier: a ViT over the conditions, new or from what the stage mae wrote."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, ViTConfig, ViTForImageClassification, ViTMAEForPreTraining

from training.config import ClassifierSettings
from training.photographs import SHARED_LABELS, DataError
from training.running.prepared import Item, Prepared
from training.stages.bases import pretrained
from training.stages.pictures import PictureSet, sampling, sets_of, stacked, write_preprocessor
from vlm.mpoxvlm.parts import SHARED


def prepare(settings: ClassifierSettings) -> Prepared:
    """Raises `DataError` for a class that is none of `classes`, `BaseError`."""
    model = _model(settings)
    train, validation = sets_of(settings, int(model.config.image_size))
    targets = _Targets(settings.classes)
    targets.check(train)
    if validation is not None:
        targets.check(validation)

    def collate(items: Sequence[Item]) -> Item:
        return {"pixel_values": stacked(items), "labels": targets.of(items)}

    def loss(network: nn.Module, inputs: Item) -> Tensor:
        logits = network(pixel_values=inputs["pixel_values"]).logits
        smoothing = settings.label_smoothing if network.training else 0.0
        return functional.cross_entropy(logits.float(), inputs["labels"], label_smoothing=smoothing)

    return Prepared(
        model=model,
        train=train,
        validation=validation,
        collate=collate,
        save=_save,
        loss=loss,
        weights=sampling(settings, train.rows),
        measure=(lambda network: _accuracy(network, validation, targets)) if validation is not None else None,
    )


class _Targets:
    """The classes as shares that sum to 1: an undecided label is half of each."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)

    def check(self, pictures: PictureSet) -> None:
        """Raises `DataError` for a class that is not known."""
        for row in pictures.rows:
            self.shares(row.label)

    def shares(self, label: str) -> Tensor:
        """(K,)"""
        members = SHARED_LABELS.get(label, (label,))
        if lacking := [name for name in members if name not in self.classes]:
            raise DataError(f"the class {lacking[0]!r} is none of classes: {', '.join(self.classes)}")
        shares = torch.zeros(len(self.classes))
        shares[[self.classes.index(name) for name in members]] = 1 / len(members)
        return shares

    def of(self, items: Sequence[Item]) -> Tensor:
        """(B, K)"""
        return torch.stack([self.shares(item["label"]) for item in items])


def _model(settings: ClassifierSettings) -> Any:
    names = dict(enumerate(settings.classes))
    labels: dict[str, Any] = {"id2label": names, "label2id": {name: place for place, name in names.items()}}
    if settings.base is None:
        tower = settings.tower
        config = ViTConfig(
            hidden_size=tower.width, num_hidden_layers=tower.layers, num_attention_heads=tower.heads,
            intermediate_size=2 * tower.width, image_size=settings.side, patch_size=tower.patch,
            hidden_dropout_prob=tower.dropout, attention_probs_dropout_prob=0.0, **labels,
        )  # fmt: skip
        return ViTForImageClassification(config)
    return _from_base(settings.base, labels, settings.tower.dropout)


def _from_base(folder: Path, labels: dict[str, Any], dropout: float) -> Any:
    """A ViT as it is; with a new head where its classes are others, or where it is a ViTMAE."""
    is_mae = (folder / "config.json").is_file() and AutoConfig.from_pretrained(folder).model_type == "vit_mae"
    base = pretrained(ViTMAEForPreTraining if is_mae else ViTForImageClassification, folder)
    if not is_mae and list(base.config.id2label.values()) == list(labels["id2label"].values()):
        return base
    told = {name: value for name, value in base.config.to_dict().items() if name in SHARED}
    model = ViTForImageClassification(ViTConfig(**told | labels | {"hidden_dropout_prob": dropout}))
    model.vit.load_state_dict(base.vit.state_dict())
    return model


@torch.no_grad()
def _accuracy(network: nn.Module, pictures: PictureSet, targets: _Targets) -> dict[str, Any]:
    """Share of right answers among the decided labels of the validation photographs."""
    device = next(network.parameters()).device
    right: list[bool] = []
    for number, row in enumerate(pictures.rows):
        shares = targets.shares(row.label)
        if shares.max() == 1:
            pixels = pictures.draw(number, None)["pixel_values"][None].to(device)
            right.append(bool(network(pixel_values=pixels).logits.argmax() == shares.argmax()))
    return {"validation_accuracy": sum(right) / len(right) if right else None}


def _save(model: nn.Module, folder: Path) -> None:
    network: Any = model
    network.save_pretrained(folder)
    write_preprocessor(folder, network.config.image_size, "ViTImageProcessor")
