"""Stage mae: pre-training of the lesion ViT without labels. The stage classifier goes on from its folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from torch import nn
from transformers import ViTMAEConfig, ViTMAEForPreTraining

from training.config import MaeSettings
from training.running.prepared import Item, Prepared
from training.stages.bases import pretrained
from training.stages.pictures import sampling, sets_of, stacked, write_preprocessor


def prepare(settings: MaeSettings) -> Prepared:
    """Raises `DataError` or `BaseError`."""
    model: Any = pretrained(ViTMAEForPreTraining, settings.base) if settings.base else _new(settings)
    train, validation = sets_of(settings, int(model.config.image_size))
    return Prepared(
        model=model,
        train=train,
        validation=validation,
        collate=_collate,
        save=_save,
        weights=sampling(settings, train.rows),
    )


def _new(settings: MaeSettings) -> ViTMAEForPreTraining:
    tower, decoder = settings.tower, settings.decoder
    config = ViTMAEConfig(
        hidden_size=tower.width,
        num_hidden_layers=tower.layers,
        num_attention_heads=tower.heads,
        intermediate_size=2 * tower.width,
        decoder_hidden_size=decoder.width,
        decoder_num_hidden_layers=decoder.layers,
        decoder_num_attention_heads=decoder.heads,
        decoder_intermediate_size=2 * decoder.width,
        image_size=settings.side,
        patch_size=tower.patch,
        mask_ratio=settings.mask,
        norm_pix_loss=True,
    )
    return ViTMAEForPreTraining(config)


def _collate(items: Sequence[Item]) -> Item:
    return {"pixel_values": stacked(items)}


def _save(model: nn.Module, folder: Path) -> None:
    network: Any = cast(ViTMAEForPreTraining, model)
    network.save_pretrained(folder)
    write_preprocessor(folder, network.config.image_size, "ViTImageProcessor")
