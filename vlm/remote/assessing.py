"""A model behind a server as a `Model`: from presentations to findings, many requests at a time.

Each photograph is read with the clinical information, in requests of its own. All scores of some cases are
asked for together, then their explanations; the order of the answers does not matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from triage.clinical import Clinical
from triage.findings import Findings, ImageQuality
from vlm.model import Provenance
from vlm.presentation import Presentation
from vlm.prompting import instruction
from vlm.remote.combining import combined, log_softmax, ordered, probabilities
from vlm.remote.crew import Crew
from vlm.remote.photographs import data_url
from vlm.remote.protocol import Turn
from vlm.remote.scoring import Scoring
from vlm.remote.server import Server
from vlm.settings import VlmSettings
from vlm.signals.conflict import contradicts
from vlm.signals.image_dependence import is_sampled, mean_colour, total_variation
from vlm.signals.quality import image_quality

LONGEST_EXPLANATION = 160
# Bounds the memory of photographs on their way; a case's own are never parted.
PHOTOGRAPHS_AT_ONCE = 32


@dataclass(frozen=True)
class _Case:
    """What is sent of a case: a turn for each photograph; for each mean colour too where it is sampled."""

    turns: tuple[Turn, ...]
    blanks: tuple[Turn, ...]
    quality: tuple[ImageQuality, ...]
    clinical: Clinical

    def combined(self, readings: Sequence[Sequence[float]]) -> list[float]:
        """The log-probabilities of the case from those of its photographs, or of their mean colours."""
        return combined(readings, [quality.gradable for quality in self.quality])


@dataclass(frozen=True)
class RemoteModel:
    """A model that a server runs. Safe for calls from several threads at once."""

    server: Server
    scoring: Scoring
    settings: VlmSettings
    provenance: Provenance
    revision: str
    device: str = "remote"

    def assess(self, presentations: Sequence[Presentation]) -> list[Findings]:
        """One findings per presentation, in order.

        Raises `RemoteUnavailable`; `permanent` where the server refuses, or is another than was loaded.
        """
        self.server.check_unchanged()
        with Crew(self.settings.vlm_remote_concurrency) as crew:
            return [found for chunk in _chunks(presentations) for found in self._assessed(crew, chunk)]

    def _assessed(self, crew: Crew, presentations: Sequence[Presentation]) -> list[Findings]:
        cases = crew.all([partial(self._case, shown) for shown in presentations])
        turns = [turn for case in cases for turn in case.turns + case.blanks]
        readings = iter(self._readings(crew, turns))
        read = [[next(readings) for _ in case.turns] for case in cases]
        unseen = [[next(readings) for _ in case.blanks] for case in cases]
        logs = [case.combined(own) for case, own in zip(cases, read, strict=True)]
        explanations = crew.all(
            [partial(self._explanation, *told) for told in zip(cases, read, logs, strict=True)]
        )
        return [self._findings(*found) for found in zip(cases, logs, unseen, explanations, strict=True)]

    def _case(self, shown: Presentation) -> _Case:
        question = instruction.question(shown.clinical)
        sampled = is_sampled(shown.images, question, self.settings.vlm_image_dependence)
        blanks = [mean_colour(image) for image in shown.images] if sampled else []
        return _Case(
            tuple(Turn(data_url(image), question) for image in shown.images),
            tuple(Turn(data_url(image), question) for image in blanks),
            tuple(image_quality(image) for image in shown.images),
            shown.clinical,
        )

    def _readings(self, crew: Crew, turns: Sequence[Turn]) -> list[list[float]]:
        """Log-probabilities of the ten answers for each turn."""
        tasks = [(turn, task) for turn in turns for task in self.scoring.tasks()]
        parts = iter(crew.all([partial(self.server.scores, turn, task) for turn, task in tasks]))
        each = len(tasks) // len(turns)
        return [log_softmax([score for _ in range(each) for score in next(parts)]) for _ in turns]

    def _explanation(self, case: _Case, read: list[list[float]], logs: list[float]) -> str:
        """What the model writes behind the chosen answer, of the photograph that speaks most for it."""
        choice = logs.index(max(logs))
        speaker = max(range(len(read)), key=lambda n: read[n][choice])
        said = instruction.lead() + instruction.answers()[choice] + instruction.after_answer()
        return self.server.written(case.turns[speaker], said, LONGEST_EXPLANATION)

    def _findings(
        self, case: _Case, logs: list[float], unseen: list[list[float]], explanation: str
    ) -> Findings:
        dependence = (
            total_variation(probabilities(logs), probabilities(case.combined(unseen))) if unseen else None
        )
        return Findings(
            findings=ordered(logs),
            explanation=explanation,
            explanation_conflict=contradicts(explanation, case.clinical),
            image_quality=case.quality,
            image_dependence=dependence,
            image_ignored=dependence is not None and dependence < self.settings.vlm_image_ignored_below,
            provenance=self.provenance,
        )


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
