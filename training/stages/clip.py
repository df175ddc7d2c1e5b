"""Stage clip: photographs and captions are brought together, where no CLIP weights exist.

Captions that are equal count as equal answers. Every device contrasts its own batch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from transformers import CLIPConfig, CLIPModel

from training.config import ClipSettings
from training.explanations import TYPICAL
from training.photographs import SHARED_LABELS
from training.running.prepared import Item, Prepared
from training.stages.bases import BaseError, pretrained
from training.stages.pictures import PictureSet, sampling, sets_of, stacked, write_preprocessor
from triage.findings import CONDITION_NAMES
from vlm.loading import BUNDLED
from vlm.mpoxvlm.tokenizer import FILE, MpoxVLMTokenizer

LONGEST = 64


def prepare(settings: ClipSettings) -> Prepared:
    """Raises `DataError` or `BaseError`."""
    words = _words(settings)
    model = pretrained(CLIPModel, settings.base) if settings.base else _new(settings, words)
    train, validation = sets_of(settings, int(model.config.vision_config.image_size))

    def collate(items: Sequence[Item]) -> Item:
        captions = [torch.tensor(_ids(item["caption"], words)) for item in items]
        ids = pad_sequence(captions, batch_first=True, padding_value=words.pad)
        lengths = torch.tensor([len(caption) for caption in captions])
        return {
            "pixel_values": stacked(items),
            "input_ids": ids,
            "attention_mask": (torch.arange(ids.shape[1])[None] < lengths[:, None]).long(),
        }

    return Prepared(
        model=model,
        train=_Captioned(train),
        validation=_Captioned(validation) if validation is not None else None,
        collate=collate,
        save=lambda network, folder: _save(network, folder, words),
        loss=contrast,
        weights=sampling(settings, train.rows),
    )


class _Captioned:
    """Photographs with their captions."""

    def __init__(self, pictures: PictureSet) -> None:
        self.pictures, self.fingerprint = pictures, pictures.fingerprint

    def __len__(self) -> int:
        return len(self.pictures)

    def draw(self, row: int, chance: torch.Generator | None) -> Item:
        """A view with the manifest's caption, or one made of the class."""
        item, told = self.pictures.draw(row, chance), self.pictures.rows[row]
        return item | {"caption": told.told.get("caption") or _caption(told.label)}


def _caption(label: str) -> str:
    names = SHARED_LABELS.get(label, (label,))
    known: dict[str, str] = {str(condition): name for condition, name in CONDITION_NAMES.items()}
    typical: dict[str, str] = {str(condition): text for condition, text in TYPICAL.items()}
    seen = [typical[name] for name in names[:1] if name in typical]
    return "; ".join([" or ".join(known.get(name, name) for name in names), *seen])


def _ids(caption: str, words: MpoxVLMTokenizer) -> list[int]:
    return [*words.encode(f" {caption}")[: LONGEST - 1], words.end]


def _words(settings: ClipSettings) -> MpoxVLMTokenizer:
    folder = settings.tokenizer or settings.base or BUNDLED
    if not (folder / FILE).is_file():
        raise BaseError(f"tokenizer {folder} holds no {FILE}: give a folder that does")
    return MpoxVLMTokenizer.from_folder(folder)


def _new(settings: ClipSettings, words: MpoxVLMTokenizer) -> Any:
    tower, text = settings.tower, settings.text
    return CLIPModel(
        CLIPConfig(
            vision_config={
                "hidden_size": tower.width, "intermediate_size": 2 * tower.width,
                "num_hidden_layers": tower.layers, "num_attention_heads": tower.heads,
                "image_size": settings.side, "patch_size": tower.patch,
            },
            text_config={
                "hidden_size": text.width, "intermediate_size": 2 * text.width,
                "num_hidden_layers": text.layers, "num_attention_heads": text.heads,
                "vocab_size": words.tokenizer.get_vocab_size(), "max_position_embeddings": LONGEST,
                "pad_token_id": words.pad, "bos_token_id": words.end, "eos_token_id": words.end,
            },
            projection_dim=settings.shared,
        )
    )  # fmt: skip


def contrast(network: nn.Module, inputs: Item) -> Tensor:
    """Cross-entropy both ways over logits (B, B), equal captions sharing the target."""
    logits, ids = network(**inputs).logits_per_image.float(), inputs["input_ids"]
    same = (ids[:, None] == ids[None]).all(-1).float()
    target = same / same.sum(1, keepdim=True)
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2


def _save(model: nn.Module, folder: Path, words: MpoxVLMTokenizer) -> None:
    network: Any = model
    network.save_pretrained(folder)
    words.save(folder)
    write_preprocessor(folder, network.config.vision_config.image_size, "CLIPImageProcessor")
