"""Loads any other folder of an `AutoModelForImageTextToText`, and answers the engine for it.

The network is fed by its own `prepare_inputs_for_generation`, as `generate` does. What it gives is compared
with `generate` at load (`probe.py`): a family that cannot be read exactly is refused, not served wrongly.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from PIL import Image
from torch import Tensor
from transformers import Cache, PreTrainedModel, ProcessorMixin

from triage.clinical import Clinical
from vlm.devices import dtype_for, place
from vlm.engine.assessor import Assessor
from vlm.engine.backend import Guard, Prefix, Row
from vlm.engine.calibration import calibration_of
from vlm.errors import UnsupportedCheckpoint
from vlm.model import Model
from vlm.prompting import instruction
from vlm.settings import VlmSettings
from vlm.standard.caches import PlacedCache
from vlm.standard.conversation import Conversation
from vlm.standard.loading import network_of, processor_of
from vlm.standard.pictures import packed, unpacked
from vlm.standard.probe import settle_how_rows_are_read
from vlm.standard.reading import Reader
from vlm.standard.refusing import refuse_what_is_not_served, retold
from vlm.standard.vocabulary import StandardVocabulary
from vlm.weights import revision_of

NOTICE = "not validated for clinical use"
LONGEST_EXPLANATION = 160
# What a processor returns beside the picture inputs; the engine makes ids and mask itself.
TEXT = ("input_ids", "attention_mask", "labels")


def load(folder: Path, device: str) -> Model:
    """The model of this folder on `device`. Raises `BrokenCheckpoint` or `UnsupportedCheckpoint`."""
    backend = StandardBackend.from_folder(folder, device)
    calibration = calibration_of(folder, backend.described["weights_sha256"])
    return Assessor(backend, calibration=calibration)


class StandardBackend:
    """Answers `vlm.engine.backend.Backend` for a network and a processor of transformers."""

    longest_explanation = LONGEST_EXPLANATION
    ignores_size = False
    formulaic = False
    # Settled at load.
    packs_answers = False

    def __init__(
        self, network: PreTrainedModel, processor: ProcessorMixin, described: dict[str, str] | None = None
    ) -> None:
        self.network = network
        self._processor: Any = processor
        self.vocabulary = StandardVocabulary(processor, network)
        self._conversation = Conversation(processor)
        self.reader = Reader(network)
        self.answers = [self.vocabulary.encode(answer) for answer in instruction.answers()]
        self.after_answer = self.vocabulary.encode(instruction.after_answer())
        self.described = {
            **(described or {}),
            "prompt_version": instruction.VERSION,
            "prompt_form": self._conversation.form,
            "image_processor": type(self._processor.image_processor).__name__,
            "attention": str(network.config._attn_implementation),
            "notice": NOTICE,
        }

    @classmethod
    def from_folder(cls, folder: Path, device: str) -> "StandardBackend":
        """Load, compare with `generate`, and settle how rows are read."""
        refuse_what_is_not_served(folder)
        where, settings = place(device), VlmSettings()
        torch.set_num_threads(settings.vlm_threads)
        processor = processor_of(folder)
        network, unused = network_of(folder, dtype_for(where, settings))
        described = {
            "model": str(network.config.model_type),
            "version": folder.resolve().name,
            "weights_sha256": revision_of(folder),
            "unused_weights": str(unused),
        }
        with retold(folder, "putting network and processor together", UnsupportedCheckpoint):
            backend = cls(cast(Any, network).to(where), processor, described)
            settle_how_rows_are_read(backend)
        return backend

    def rows(self, images: Sequence[Image.Image], clinical: Clinical) -> list[Row]:
        """One row for each photograph, with the case's question."""
        text = self.prompt(clinical)
        return [self._row(image, text) for image in images]

    def question_row(self, image: Image.Image, question: str) -> Row:
        """The photograph with this question and nothing else."""
        return self._row(image, self._conversation.asked(question))

    def naming_row(self, image: Image.Image, question: str) -> Row:
        """The same: a name is expected where the answer begins."""
        return self.question_row(image, question)

    def image_features(self, rows: Sequence[Row]) -> Sequence[Any]:
        """Image tokens of each photograph behind the projector, read one by one: they differ in shape."""
        return [self.reader.image_features(unpacked(row.pictures)[0]) for row in rows]

    def prompt(self, clinical: Clinical) -> str:
        """The whole text before the answer, with the photograph's place."""
        return self._conversation.text(instruction.question(clinical))

    def inputs(self, image: Image.Image, text: str) -> dict[str, Tensor]:
        """What the processor makes of one photograph and its prompt."""
        special = not self._conversation.begins_itself(text)
        return dict(
            self._processor(images=[image], text=[text], return_tensors="pt", add_special_tokens=special)
        )

    def prefill(self, ids: Tensor, attention: Tensor, pictures: dict[str, Tensor]) -> Prefix:
        """Read left-padded prompts (B, L) with their packed pictures."""
        return self.reader.prefill(ids, attention, pictures)

    def advance(
        self, ids: Tensor, attention: Tensor, cache: Cache, positions: Tensor | None = None
    ) -> Tensor:
        """Logits (B, N, V) of further tokens (B, N)."""
        return self.reader.advance(ids, attention, cast(PlacedCache, cache), positions)

    def guards(self, clinicals: Sequence[Clinical]) -> Sequence[Guard] | None:
        """None: the words of these models are not ours to hold."""
        return None

    def saliency(self, images: Sequence[Image.Image]) -> list[bytes | None]:
        """None for each: there is no lesion classifier."""
        return [None for _ in images]

    def _row(self, image: Image.Image, text: str) -> Row:
        inputs = self.inputs(image, text)
        pictures = {name: value for name, value in inputs.items() if name not in TEXT}
        return Row(ids=inputs["input_ids"][0].tolist(), pictures=packed(pictures))
