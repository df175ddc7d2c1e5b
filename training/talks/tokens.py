"""Texts to token ids and targets: only answers and what ends them are learnt."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm

from training.photographs import DataError
from training.running.prepared import Item
from training.talks.reading import Talk
from training.talks.wording import Worded, worded

LEFT_OUT = -100


class Words(Protocol):
    """The words and eyes of a base: `ids` gives each `<image>` all its places."""

    end: str
    pad: int

    def ids(self, text: str) -> list[int]: ...

    def pictures(self, image: Image.Image) -> dict[str, Tensor]: ...


def tokens(said: Worded, ids_of: Callable[[str], list[int]]) -> tuple[list[int], list[int]]:
    """Ids of the whole text, and targets: the id where it is learnt, else -100.

    The text is tokenised whole, as inference does. Where an answer begins is how far the ids agree with those
    of the text up to there: a tokenizer may join what stands on both sides of that place.
    """
    ids = ids_of(said.text)
    targets = [LEFT_OUT] * len(ids)
    for start, end in said.answers:
        first, last = _agreed(ids, ids_of(said.text[:start])), _agreed(ids, ids_of(said.text[:end]))
        targets[first:last] = ids[first:last]
    return ids, targets


def _agreed(ids: list[int], others: list[int]) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(ids, others, strict=False)) if a != b), min(len(ids), len(others))
    )


class TalkSet:
    """Conversations as `input_ids`, `labels` (L,) and the photograph's pixels; nothing in them is random."""

    def __init__(self, talks: Sequence[Talk], words: Words, template: str, longest: int) -> None:
        self.talks, self.words = talks, words
        self._rows = [
            self._row(talk, template, longest)
            for talk in tqdm(talks, desc="tokens", leave=False, mininterval=1)
        ]
        if bare := [
            t.name for t, (_, learnt) in zip(talks, self._rows, strict=True) if (learnt == LEFT_OUT).all()
        ]:
            raise DataError(
                f"{len(bare)} conversations have no answer within longest={longest} tokens, first {bare[0]}: "
                "give a greater longest"
            )

    def _row(self, talk: Talk, template: str, longest: int) -> tuple[Tensor, Tensor]:
        said = worded(talk.turns, template, self.words.end, has_image=talk.image is not None)
        ids, targets = tokens(said, self.words.ids)
        return torch.tensor(ids[:longest], dtype=torch.int32), torch.tensor(
            targets[:longest], dtype=torch.int32
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 over photographs' names and turns."""
        told = [[talk.image.name if talk.image else None, talk.turns] for talk in self.talks]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.talks)

    def draw(self, row: int, chance: torch.Generator | None) -> Item:
        """One conversation with its photograph."""
        ids, labels = self._rows[row]
        item: Item = {"input_ids": ids.long(), "labels": labels.long()}
        image = self.talks[row].image
        return item | (self._pictures(image) if image else {})

    def _pictures(self, path: Path) -> dict[str, Tensor]:
        try:
            with Image.open(path) as image:
                return self.words.pictures(image.convert("RGB"))
        except (OSError, UnidentifiedImageError) as error:
            raise DataError(f"{path} cannot be read as a photograph ({error}): replace it") from None


def collated(items: Sequence[Item], pad: int) -> Item:
    """A batch padded on the right; pixels of those rows that have any, in their order."""
    lengths = torch.tensor([len(item["input_ids"]) for item in items])
    ids = pad_sequence([item["input_ids"] for item in items], batch_first=True, padding_value=pad)
    batch: dict[str, Any] = {
        "input_ids": ids,
        "attention_mask": (torch.arange(ids.shape[1])[None] < lengths[:, None]).long(),
        "labels": pad_sequence([item["labels"] for item in items], batch_first=True, padding_value=LEFT_OUT),
    }
    for name in ("pixel_values", "lesion_pixel_values"):
        if seen := [item[name] for item in items if name in item]:
            batch[name] = torch.cat(seen)
    return batch
