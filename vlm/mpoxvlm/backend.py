"""MpoxVLM behind the assessment engine, and how its folder is loaded."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import torch
import transformers
from PIL import Image
from torch import Tensor
from transformers import Cache, DynamicCache

import vlm.mpoxvlm.processor  # noqa: F401  (so that AutoProcessor, too, knows the folder)
from triage.clinical import Clinical
from triage.findings import CONDITIONS
from vlm.devices import dtype_for, place
from vlm.engine.assessor import Assessor
from vlm.engine.backend import Prefix, Row
from vlm.engine.calibration import calibration_of
from vlm.engine.masks import positions_of
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration, image_outputs
from vlm.mpoxvlm.guard import NamingGuard, signs_of
from vlm.mpoxvlm.pixels import Pixels
from vlm.mpoxvlm.prompt import VERSION as PROMPT_VERSION
from vlm.mpoxvlm.prompt import prompt, wording
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer
from vlm.prompting import instruction
from vlm.settings import VlmSettings
from vlm.signals.saliency import overlays
from vlm.weights import revision_of

VERSION = "1"
NOTICE = "research demonstration, not for clinical use"
LONGEST_EXPLANATION = 160
PICTURES = ("pixel_values", "lesion_pixel_values")


def load(folder: Path, device: str) -> Assessor:
    """The model of this folder on `device`."""
    transformers.utils.logging.disable_progress_bar()
    settings, where = VlmSettings(), place(device)
    network = MpoxVLMForConditionalGeneration.from_pretrained(
        folder, dtype=dtype_for(where, settings), attn_implementation="sdpa"
    )
    _laid_anew(network)
    revision = revision_of(folder)
    pixels, words = Pixels.of_folder(folder, network.config), MpoxVLMTokenizer.from_folder(folder)
    backend = MpoxVLMBackend(network.eval().to(where), words, pixels, revision)
    return Assessor(backend, settings, calibration_of(folder, revision))


@torch.no_grad()
def _laid_anew(network: MpoxVLMForConditionalGeneration) -> None:
    """Weights in memory of their own: as they lie in a file, sums are rounded otherwise than in a copy."""
    for tensor in [*network.parameters(), *network.buffers()]:
        tensor.data = tensor.data.clone()


class MpoxVLMBackend:
    """A loaded MpoxVLM with its words; answers `vlm.engine.backend.Backend`."""

    packs_answers = True
    ignores_size = True
    longest_explanation = LONGEST_EXPLANATION

    def __init__(
        self,
        network: MpoxVLMForConditionalGeneration,
        tokenizer: MpoxVLMTokenizer,
        pixels: Pixels,
        revision: str,
    ) -> None:
        self.network, self.vocabulary, self.pixels = network, tokenizer, pixels
        self.answers = tokenizer.answers
        # A Llama's own tokenizer splits the prompt's phrases, so that no list of tokens can hold it to them.
        self._signs = signs_of(tokenizer) if tokenizer.is_ours else None
        self.formulaic = tokenizer.is_ours
        self.after_answer = tokenizer.encode(str(wording()["answer_end"]))
        self.described = {
            "model": "mpoxvlm-small" if tokenizer.is_ours else "mpoxvlm",
            "version": VERSION,
            "weights_sha256": revision,
            "prompt_version": PROMPT_VERSION,
            "decoding": f"greedy, {'lists of facts guarded, ' if self._signs else ''}"
            f"{LONGEST_EXPLANATION} tokens at most",
            "notice": NOTICE,
        }

    @cached_property
    def _places(self) -> list[int]:
        return [self.vocabulary.image] * self.network.config.image_seq_length

    def rows(self, images: Sequence[Image.Image], clinical: Clinical) -> list[Row]:
        """One row for each photograph: its image places, then the case's prompt."""
        return self._rows(images, prompt(clinical).text)

    def naming_row(self, image: Image.Image, question: str) -> Row:
        """The photograph with a question in free words; a name is expected behind `Finding:`."""
        return self._rows([image], f"{question}\n{instruction.lead()}")[0]

    def image_features(self, rows: Sequence[Row]) -> Sequence[Tensor]:
        """Image tokens (N, T) of each photograph: patches of both towers, then the soft prompt."""
        network = self.network
        fed = [
            torch.cat([row.pictures[name] for row in rows]).to(network.device, network.dtype)
            for name in PICTURES
            if name in rows[0].pictures
        ]
        return list(network.model.fuse(network.model.view(*fed)))

    def _rows(self, images: Sequence[Image.Image], text: str) -> list[Row]:
        ids = self._places + self.vocabulary.encode(text)
        inputs = {name: pixels.split(1) for name, pixels in self.pixels.inputs(images).items()}
        return [
            Row(ids, {name: pictures[number] for name, pictures in inputs.items()})
            for number in range(len(images))
        ]

    def prefill(self, ids: Tensor, attention: Tensor, pictures: dict[str, Tensor]) -> Prefix:
        """Run both towers on (B, 3, S, S), then the decoder on the prompts (B, L)."""
        model = self.network.model
        views = model.view(*(pictures[name].to(self.network.dtype) for name in PICTURES if name in pictures))
        output = self.network(
            input_ids=ids,
            attention_mask=attention,
            position_ids=positions_of(attention),
            mm_encoder_outputs={"image": image_outputs(model.fuse(views))},
            past_key_values=DynamicCache(),
            use_cache=True,
            logits_to_keep=1,
        )
        return Prefix(
            output.past_key_values,
            attention,
            output.logits[:, -1].float().log_softmax(-1),
            self._conditions(views.lesion_logits),
        )

    def _conditions(self, logits: Tensor) -> Tensor | None:
        """The classifier's view, where its labels are the ten conditions."""
        labels = self.network.config.lesion_config.id2label
        known = [labels.get(place) for place in range(len(CONDITIONS))] == list(CONDITIONS)
        return logits.float().log_softmax(-1) if known and len(labels) == len(CONDITIONS) else None

    def advance(
        self, ids: Tensor, attention: Tensor, cache: Cache, positions: Tensor | None = None
    ) -> Tensor:
        """Logits (B, N, V) of tokens behind the cache."""
        if positions is None:
            positions = positions_of(attention, last=ids.shape[1])
        logits: Tensor = self.network(
            input_ids=ids,
            attention_mask=attention,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        ).logits
        return logits

    def guards(self, clinicals: Sequence[Clinical]) -> list[NamingGuard] | None:
        """Lists of facts name what was given, and each once; None for words that are not ours."""
        signs = self._signs
        return [NamingGuard.of(signs, prompt(clinical)) for clinical in clinicals] if signs else None

    def saliency(self, images: Sequence[Image.Image]) -> list[bytes | None]:
        """Overlays of where the lesion classifier looked."""
        ready = self.pixels.lesion.of(images).to(self.network.device, self.network.dtype)
        return [*overlays(self.network.model.lesion_classifier, ready, images)]
