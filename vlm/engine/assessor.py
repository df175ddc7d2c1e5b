"""The assessment engine: any local network behind the protocol of `backend.py` becomes a `Model`.

A case is read once; its answers are scored and its explanation is written behind that same prefix. Knows no
architecture. Draws nothing and looks at no clock.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from triage.findings import CONDITIONS, Finding, Findings
from vlm.devices import preparing_threads
from vlm.engine.backend import Backend
from vlm.engine.batching import Case, buckets, padded_tokens, prepared
from vlm.engine.calibration import NONE, Calibration
from vlm.engine.explaining import continue_greedily
from vlm.engine.learning import learnt
from vlm.engine.provenance import provenance_of
from vlm.engine.reading import Reading, combined, read, speakers
from vlm.engine.scoring import chosen
from vlm.presentation import Presentation
from vlm.settings import VlmSettings
from vlm.signals.conflict import contradicts
from vlm.signals.image_dependence import total_variation


class Assessor:
    """A loaded model. Not safe for calls from several threads at once.

    `guarded` is turned off only to measure what the decoder writes by itself.
    """

    guarded = True

    def __init__(
        self, backend: Backend, settings: VlmSettings | None = None, calibration: Calibration = NONE
    ) -> None:
        """Sets torch's threads to `VLM_THREADS` for the whole process."""
        self.backend, self.calibration = backend, calibration
        self.settings = settings or VlmSettings()
        self.provenance = provenance_of(backend, calibration)
        self.device = str(backend.network.device)
        self.revision = backend.described["weights_sha256"]
        self._tokens_at_once = self.settings.vlm_tokens_at_once
        torch.set_num_threads(self.settings.vlm_threads)
        self.drafts = learnt(backend)

    def assess(self, presentations: Sequence[Presentation]) -> list[Findings]:
        """One findings per presentation, in order. Raises `OutOfMemoryError` where one alone is too big."""
        found: dict[int, Findings] = {}
        share, threads = self.settings.vlm_image_dependence, preparing_threads(self.backend.network.device)
        for window in prepared(self.backend, presentations, share, threads):
            for bucket in buckets(window, self._tokens_at_once):
                found |= self._assess_as_memory_allows(bucket)
        return [found[number] for number in range(len(presentations))]

    def _assess_as_memory_allows(self, cases: list[Case]) -> dict[int, Findings]:
        """Halves what does not fit, and remembers it while the process lives."""
        try:
            return self._assess_together(cases)
        except torch.OutOfMemoryError:
            if len(cases) == 1:
                raise
        # Here, and not above: while an error is handled its frames keep the tensors that filled the memory.
        torch.cuda.empty_cache()
        half = len(cases) // 2
        self._tokens_at_once = min(self._tokens_at_once, padded_tokens(cases[:half]))
        found = self._assess_as_memory_allows(cases[:half])
        for bucket in buckets(cases[half:], self._tokens_at_once):
            found |= self._assess_as_memory_allows(bucket)
        return found

    def _assess_together(self, cases: list[Case]) -> dict[int, Findings]:
        with torch.inference_mode():
            reading = read(self.backend, [row for case in cases for row in case.rows])
            answers = self.calibration.applied(combined(reading.answers, cases))
            choices = answers.argmax(-1).tolist()
            explanations = self._explanations(cases, reading, choices)
            classifier = self._classifier(cases, reading)
            # The first prefix is no longer needed: its memory serves the second one.
            del reading
            dependence = self._image_dependence(cases, answers)
        saliency = self._saliency(cases)
        return {
            case.number: Findings(
                findings=_ordered(answers[place]),
                classifier=() if classifier is None else _ordered(classifier[place]),
                explanation=explanations[place],
                image_quality=case.qualities,
                image_dependence=dependence[place],
                image_ignored=_below(dependence[place], self.settings.vlm_image_ignored_below),
                explanation_conflict=contradicts(explanations[place], case.shown.clinical),
                prediction_set=self.calibration.prediction_set(_probabilities(answers[place])),
                set_coverage=self.calibration.coverage,
                operating_points=self.calibration.operating_points,
                saliency=saliency[place],
                provenance=self.provenance,
            )
            for place, case in enumerate(cases)
        }

    def _explanations(self, cases: list[Case], reading: Reading, choices: list[int]) -> list[str]:
        """The decoder's text after each chosen answer, behind the photograph that speaks most for it."""
        backend = self.backend
        written = continue_greedily(
            backend,
            chosen(reading.prefix, speakers(reading.answers, cases, choices)),
            choices,
            backend.guards([case.shown.clinical for case in cases]) if self.guarded else None,
            self.drafts,
        )
        return [backend.vocabulary.decode(tokens).strip() for tokens in written]

    def _classifier(self, cases: list[Case], reading: Reading) -> Tensor | None:
        view = reading.prefix.classifier
        return None if view is None else combined(view.float().cpu(), cases)

    def _image_dependence(self, cases: list[Case], answers: Tensor) -> list[float | None]:
        """How far each sampled case's findings move without its photographs; None for the others."""
        sampled = [place for place, case in enumerate(cases) if case.blank_rows]
        measured: list[float | None] = [None] * len(cases)
        if sampled:
            chosen_cases = [cases[place] for place in sampled]
            blank = read(self.backend, [row for case in chosen_cases for row in case.blank_rows])
            without = self.calibration.applied(combined(blank.answers, chosen_cases)).exp().tolist()
            for place, probabilities in zip(sampled, without, strict=True):
                measured[place] = total_variation(answers[place].exp().tolist(), probabilities)
        return measured

    def _saliency(self, cases: list[Case]) -> list[tuple[bytes | None, ...]]:
        """Overlays for each case. Outside inference mode, which forbids the gradients they are made of."""
        if not self.settings.vlm_saliency:
            return [() for _ in cases]
        overlays = iter(self.backend.saliency([image for case in cases for image in case.shown.images]))
        return [tuple(next(overlays) for _ in case.rows) for case in cases]


def _ordered(scores: Tensor) -> tuple[Finding, ...]:
    pairs = sorted(zip(_probabilities(scores), CONDITIONS, strict=True), key=lambda pair: -pair[0])
    return tuple(Finding(condition=condition, probability=p) for p, condition in pairs)


def _probabilities(scores: Tensor) -> list[float]:
    return list(scores.double().softmax(-1).tolist())


def _below(dependence: float | None, limit: float) -> bool:
    return dependence is not None and dependence < limit
