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
from vlm.devices import dtype_for, place
from vlm.engine.assessor import Assessor
from vlm.engine.backend import Prefix, Row
from vlm.engine.calibration import calibration_of
from vlm.engine.masks import positions_of
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration, image_outputs
from vlm.mpoxvlm.guard import NamingGuard, signs_of
from vlm.mpoxvlm.preprocessing import pixel_values
from vlm.mpoxvlm.prompt import VERSION as PROMPT_VERSION
from vlm.mpoxvlm.prompt import prompt, wording
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer
from vlm.settings import VlmSettings
from vlm.signals.saliency import overlays
from vlm.weights import revision_of

VERSION = "1"
NOTICE = "research demonstration, not for clinical use"
LONGEST_EXPLANATION = 160


def load(folder: Path, device: str) -> Assessor:
    """The model of this folder on `device`."""
    transformers.utils.logging.disable_progress_bar()
    settings, where = VlmSettings(), place(device)
    network = MpoxVLMForConditionalGeneration.from_pretrained(
        folder, dtype=dtype_for(where, settings), attn_implementation="sdpa"
    )
    revision = revision_of(folder)
    backend = MpoxVLMBackend(network.eval().to(where), MpoxVLMTokenizer.from_folder(folder), revision)
    return Assessor(backend, settings, calibration_of(folder, revision))


class MpoxVLMBackend:
    """A loaded MpoxVLM with its words; answers `vlm.engine.backend.Backend`."""

    packs_answers = True
    ignores_size = True
    formulaic = True
    longest_explanation = LONGEST_EXPLANATION

    def __init__(
        self, network: MpoxVLMForConditionalGeneration, tokenizer: MpoxVLMTokenizer, revision: str
    ) -> None:
        self.network, self.vocabulary = network, tokenizer
        self.answers = tokenizer.answers
        self._signs = signs_of(tokenizer)
        self.after_answer = tokenizer.encode(str(wording()["answer_end"]))
        self.described = {
            "model": "mpoxvlm-small",
            "version": VERSION,
            "weights_sha256": revision,
            "prompt_version": PROMPT_VERSION,
            "decoding": f"greedy, lists of facts guarded, {LONGEST_EXPLANATION} tokens at most",
            "notice": NOTICE,
        }

    @cached_property
    def _places(self) -> list[int]:
        return [self.vocabulary.image] * self.network.config.image_seq_length

    def rows(self, images: Sequence[Image.Image], clinical: Clinical) -> list[Row]:
        """One row for each photograph: its image places, then the case's prompt."""
        ids = self._places + self.vocabulary.encode(prompt(clinical).text)
        pixels = torch.from_numpy(pixel_values(images, self.network.config.vision_config.image_size))
        return [Row(ids, {"pixel_values": picture}) for picture in pixels.split(1)]

    def prefill(self, ids: Tensor, attention: Tensor, pictures: dict[str, Tensor]) -> Prefix:
        """Run both towers on (B, 3, S, S), then the decoder on the prompts (B, L)."""
        model = self.network.model
        views = model.view(pictures["pixel_values"].to(self.network.dtype))
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
            views.lesion_logits.float().log_softmax(-1),
        )

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

    def guards(self, clinicals: Sequence[Clinical]) -> list[NamingGuard]:
        """Lists of facts name what was given, and each once."""
        return [NamingGuard.of(self._signs, prompt(clinical)) for clinical in clinicals]

    def saliency(self, images: Sequence[Image.Image]) -> list[bytes | None]:
        """Overlays of where the lesion classifier looked."""
        pixels = torch.from_numpy(pixel_values(images, self.network.config.lesion_config.image_size))
        ready = pixels.to(self.network.device, self.network.dtype)
        return [*overlays(self.network.model.lesion_classifier, ready, images)]
