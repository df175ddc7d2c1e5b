"""Loads an original LLaVA checkpoint, and answers the engine for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from PIL import Image
from torch import Tensor
from transformers import Cache, DynamicCache, PreTrainedModel

from triage.clinical import Clinical
from vlm.devices import dtype_for, place
from vlm.engine.backend import Guard, Prefix, Row
from vlm.engine.calibration import calibration_of
from vlm.engine.masks import positions_of
from vlm.llava.checkpoint import Checkpoint, load_checkpoint
from vlm.llava.imported import is_imported, load_imported
from vlm.llava.preprocessing import pixels
from vlm.llava.templates import prompt
from vlm.llava.tokenizer import prompt_ids
from vlm.model import Model
from vlm.prompting import instruction
from vlm.settings import VlmSettings
from vlm.weights import revision_of


def load(folder: Path, device: str) -> Model:
    """The model of this folder on `device`. Raises `BrokenCheckpoint` or `UnsupportedCheckpoint`."""
    from vlm.engine.assessor import Assessor

    settings, where = VlmSettings(), place(device)
    backend = LlavaBackend(_checkpoint(folder, dtype_for(where, settings), settings), where)
    return Assessor(backend, settings, calibration_of(folder, backend.described["weights_sha256"]))


def _checkpoint(folder: Path, dtype: torch.dtype, settings: VlmSettings) -> Checkpoint:
    if is_imported(folder):
        return load_imported(folder, dtype, settings.vlm_llava_template)
    return load_checkpoint(
        folder,
        base=Path(settings.vlm_lora_base) if settings.vlm_lora_base else None,
        vision_tower=Path(settings.vlm_vision_tower) if settings.vlm_vision_tower else None,
        dtype=dtype,
        template=settings.vlm_llava_template,
    )


class LlavaVocabulary:
    """The tokenizer of a checkpoint, as the engine speaks to it."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._tokenizer = checkpoint.tokenizer
        self.pad = 0
        self.ends = frozenset({int(checkpoint.tokenizer.eos_token_id)})
        self.unwritable = frozenset({checkpoint.image})

    def encode(self, text: str) -> list[int]:
        """Token ids of a text that continues another one: no special token."""
        lead = instruction.lead()
        before, whole = self._ids(lead), self._ids(lead + text)
        return whole[len(before) :] if whole[: len(before)] == before else self._ids(text)

    def decode(self, ids: list[int]) -> str:
        """Text without special tokens."""
        return str(self._tokenizer.decode(ids, skip_special_tokens=True))

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False))


class LlavaBackend:
    """Answers `vlm.engine.backend.Backend`."""

    longest_explanation = 160
    ignores_size = True
    formulaic = False

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self._checkpoint = checkpoint
        self._network: Any = checkpoint.network.to(cast(Any, device))
        self.network = cast(PreTrainedModel, self._network)
        self.vocabulary = LlavaVocabulary(checkpoint)
        # Answers in one row would look past a window of attention.
        self.packs_answers = not getattr(checkpoint.network.config.text_config, "sliding_window", None)
        self.answers = [self.vocabulary.encode(answer) for answer in instruction.answers()]
        self.after_answer = self.vocabulary.encode(instruction.after_answer())
        self._way = checkpoint.way
        self.described = {
            "model": str(checkpoint.original["model_type"]),
            "version": checkpoint.folders[0].resolve().name,
            "weights_sha256": revision_of(*checkpoint.folders),
            "prompt_version": instruction.VERSION,
            "prompt_form": checkpoint.template,
            "preprocessing": self._way,
            "vision_weights": checkpoint.vision_weights,
            "notice": "not validated for clinical use",
        }

    def rows(self, images: Sequence[Image.Image], clinical: Clinical) -> list[Row]:
        """One row for each photograph, with the case's question."""
        text = f"{prompt(instruction.question(clinical), self._checkpoint.template)} {instruction.lead()}"
        ids = self._ids(text)
        return [Row(ids, self._pictures(image)) for image in images]

    def question_row(self, image: Image.Image, question: str) -> Row:
        """The photograph with this question and nothing else."""
        return Row(self._ids(prompt(question, self._checkpoint.template)), self._pictures(image))

    def naming_row(self, image: Image.Image, question: str) -> Row:
        """The same: a name is expected where the answer begins."""
        return self.question_row(image, question)

    def image_features(self, rows: Sequence[Row]) -> Sequence[Tensor]:
        """Image tokens (P, T) of each photograph behind the projector."""
        fed = torch.cat([row.pictures["pixel_values"] for row in rows])
        features = self._network.get_image_features(
            pixel_values=fed.to(self._network.device, self._network.dtype)
        )
        return list(features.pooler_output)

    def _ids(self, text: str) -> list[int]:
        return prompt_ids(self._checkpoint.tokenizer, text, self._checkpoint.image, self._checkpoint.places)

    def _pictures(self, image: Image.Image) -> dict[str, Tensor]:
        return {"pixel_values": pixels(self._checkpoint.images, image, self._way)}

    def prefill(self, ids: Tensor, attention: Tensor, pictures: dict[str, Tensor]) -> Prefix:
        """Read left-padded prompts (B, L) with their pictures."""
        fed = {name: value.to(self._network.dtype) for name, value in pictures.items()}
        cache = DynamicCache()
        logits = self._network(
            input_ids=ids,
            attention_mask=attention,
            position_ids=positions_of(attention),
            past_key_values=cache,
            logits_to_keep=1,
            **fed,
        ).logits[:, -1]
        return Prefix(cache, attention, logits.float().log_softmax(-1))

    def advance(
        self, ids: Tensor, attention: Tensor, cache: Cache, positions: Tensor | None = None
    ) -> Tensor:
        """Logits (B, N, V) of further tokens (B, N)."""
        if positions is None:
            positions = positions_of(attention, last=ids.shape[1])
        logits: Tensor = self._network(
            input_ids=ids, attention_mask=attention, position_ids=positions, past_key_values=cache
        ).logits
        return logits

    def guards(self, clinicals: Sequence[Clinical]) -> Sequence[Guard] | None:
        """None: the words of these models are not ours to hold."""
        return None

    def saliency(self, images: Sequence[Image.Image]) -> list[bytes | None]:
        """None for each: there is no lesion classifier."""
        return [None for _ in images]
