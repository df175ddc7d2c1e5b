"""MpoxVLM as a `Model`: from presentations to findings, in batches.

Each photograph is read with the clinical information. Where a case has several, the log-probabilities of its
gradable photographs (of all, if none is gradable) are averaged, which is their geometric mean; the
explanation comes from the photograph that speaks most for the chosen answer.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from torch import Tensor

from triage.findings import CONDITIONS, Finding, Findings, ImageQuality
from vlm.model import Provenance
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.decoding import (
    Prefix,
    chosen_rows,
    continue_greedily,
    left_padded,
    read_prefix,
    score_answers,
)
from vlm.mpoxvlm.guard import NamingGuard
from vlm.mpoxvlm.preprocessing import pixel_values
from vlm.mpoxvlm.prompt import VERSION as PROMPT_VERSION
from vlm.mpoxvlm.prompt import prompt, wording
from vlm.mpoxvlm.quality import image_quality
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer
from vlm.presentation import Presentation
from vlm.settings import VlmSettings

VERSION = "1"
NOTICE = "research demonstration, not for clinical use"
LONGEST_EXPLANATION = 160
# So many photographs are read at once; more only takes memory.
PHOTOGRAPHS_AT_ONCE = 64


@dataclass(frozen=True)
class _Reading:
    """A batch of photographs as scored: prefix, log-probabilities (B, 10) of decoder and classifier."""

    prefix: Prefix
    answers: Tensor
    classifier: Tensor


class MpoxVLM:
    """A loaded MpoxVLM. Not safe for calls from several threads at once.

    `guarded` is turned off only to measure what the decoder writes by itself.
    """

    guarded = True

    def __init__(
        self, network: MpoxVLMForConditionalGeneration, tokenizer: MpoxVLMTokenizer, revision: str
    ) -> None:
        self.network, self.tokenizer, self.revision = network, tokenizer, revision
        self.device = str(network.device)
        self.provenance: Provenance = {
            "model": "mpoxvlm-small",
            "version": VERSION,
            "weights_sha256": revision,
            "prompt_version": PROMPT_VERSION,
            "decoding": f"greedy, lists of facts guarded, {LONGEST_EXPLANATION} tokens at most",
            "scoring": "mean log-probability of answer tokens, softmax over ten conditions",
            "dtype": str(network.dtype).removeprefix("torch."),
            "device": self.device,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "seed": None,
            "notice": NOTICE,
        }

    @classmethod
    def from_folder(cls, folder: Path, device: str = "auto") -> "MpoxVLM":
        """Load weights in float32. Sets torch's threads to `VLM_THREADS` for the whole process."""
        transformers.utils.logging.disable_progress_bar()
        torch.set_num_threads(VlmSettings().vlm_threads)
        place = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        network = MpoxVLMForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
        revision = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        return cls(network.eval().to(place), MpoxVLMTokenizer.from_folder(folder), revision)

    @torch.inference_mode()
    def assess(self, presentations: Sequence[Presentation]) -> list[Findings]:
        """One findings per presentation, in order."""
        return [findings for chunk in _chunks(presentations) for findings in self._assess_together(chunk)]

    def _assess_together(self, presentations: Sequence[Presentation]) -> list[Findings]:
        owners = [number for number, shown in enumerate(presentations) for _ in shown.images]
        qualities = [image_quality(image) for shown in presentations for image in shown.images]
        reading = self._read(presentations, owners)
        answers = _combined(reading.answers, owners, qualities)
        classifier = _combined(reading.classifier, owners, qualities)
        choices = answers.argmax(-1).tolist()
        speakers = [
            max(_rows_of(number, owners), key=lambda row: float(reading.answers[row, choice]))
            for number, choice in enumerate(choices)
        ]
        explanations = self._explain(presentations, reading.prefix, speakers, choices)
        return [
            Findings(
                findings=_ordered(answers[number]),
                classifier=_ordered(classifier[number]),
                explanation=explanations[number],
                image_quality=tuple(qualities[row] for row in _rows_of(number, owners)),
                provenance=self.provenance,
            )
            for number in range(len(presentations))
        ]

    def _read(self, presentations: Sequence[Presentation], owners: list[int]) -> _Reading:
        """Score every photograph with its case's clinical information."""
        config = self.network.config
        pixels = pixel_values(
            [i for shown in presentations for i in shown.images], config.vision_config.image_size
        )
        views = self.network.model.view(torch.from_numpy(pixels).to(self.network.device))
        places = [self.tokenizer.image] * config.image_seq_length
        questions = [places + self.tokenizer.encode(prompt(shown.clinical).text) for shown in presentations]
        ids, attention = left_padded([questions[owner] for owner in owners], self.tokenizer.pad)
        device = self.network.device
        prefix = read_prefix(
            self.network, ids.to(device), attention.to(device), self.network.model.fuse(views)
        )
        scores = score_answers(self.network, prefix, self.tokenizer.answers)
        return _Reading(prefix, scores.log_softmax(-1), views.lesion_logits.float().log_softmax(-1))

    def _explain(
        self,
        presentations: Sequence[Presentation],
        prefix: Prefix,
        speakers: list[int],
        choices: list[int],
    ) -> list[str]:
        """The decoder's text after each chosen answer."""
        told = [prompt(shown.clinical) for shown in presentations]
        guard = NamingGuard(self.tokenizer, told) if self.guarded else None
        end_of_answer = self.tokenizer.encode(str(wording()["answer_end"]))
        written = continue_greedily(
            self.network,
            chosen_rows(prefix, speakers),
            [self.tokenizer.answers[choice] + end_of_answer for choice in choices],
            end=self.tokenizer.end,
            pad=self.tokenizer.pad,
            guard=guard,
            longest=LONGEST_EXPLANATION,
        )
        return [self.tokenizer.decode(row).strip() for row in written]


def _chunks(presentations: Sequence[Presentation]) -> Iterator[list[Presentation]]:
    """Presentations in order, so many together that their photographs fit."""
    chunk: list[Presentation] = []
    for shown in presentations:
        if chunk and sum(len(p.images) for p in [*chunk, shown]) > PHOTOGRAPHS_AT_ONCE:
            yield chunk
            chunk = []
        chunk.append(shown)
    if chunk:
        yield chunk


def _rows_of(number: int, owners: list[int]) -> list[int]:
    return [row for row, owner in enumerate(owners) if owner == number]


def _combined(scores: Tensor, owners: list[int], qualities: list[ImageQuality]) -> Tensor:
    """Log-probabilities per case (C, 10): the mean over its gradable photographs, normalised again."""
    cases = []
    for number in range(owners[-1] + 1):
        rows = _rows_of(number, owners)
        gradable = [row for row in rows if qualities[row].gradable]
        cases.append(scores[gradable or rows].mean(dim=0))
    return torch.stack(cases).log_softmax(-1)


def _ordered(scores: Tensor) -> tuple[Finding, ...]:
    probabilities = scores.double().softmax(-1).tolist()
    pairs = sorted(zip(probabilities, CONDITIONS, strict=True), key=lambda pair: -pair[0])
    return tuple(Finding(condition=condition, probability=p) for p, condition in pairs)
