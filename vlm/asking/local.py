"""Answers of a local network: prompts read together, left-padded, and continued greedily."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from PIL import Image

from vlm.asking.answerer import Question
from vlm.engine.assessor import Assessor
from vlm.engine.backend import Backend, Row
from vlm.engine.explaining import answer_greedily
from vlm.errors import UnsupportedCheckpoint
from vlm.loading import load as load_model
from vlm.model import Model, Provenance

# What assessing says of itself and answering has not.
NOT_OF_ANSWERS = ("prompt_version", "prompt_sha256", "scoring", "calibration")


@runtime_checkable
class TakesQuestions(Protocol):
    """What a backend offers beside `Backend` if its network answers freely."""

    def question_row(self, image: Image.Image, question: str) -> Row:
        """The photograph with this question and nothing else, as the model was trained to be asked."""


class LocalAnswerer:
    """Answers `vlm.asking.Answerer`. Not safe for calls from several threads at once."""

    def __init__(self, model: Assessor, takes: TakesQuestions, longest: int) -> None:
        self._backend: Backend = model.backend
        self._takes, self._longest = takes, longest
        self._tokens_at_once = model.settings.vlm_tokens_at_once
        self.provenance: Provenance = (
            model.provenance
            | dict.fromkeys(NOT_OF_ANSWERS)
            | {"decoding": f"greedy, {longest} tokens at most"}
        )

    def answer(self, questions: Sequence[Question]) -> list[str]:
        """One text per question, in order. Raises `OutOfMemoryError` where one alone is too big."""
        rows = [self._takes.question_row(question.image, question.text) for question in questions]
        found: dict[int, str] = {}
        for bucket in self._buckets(rows):
            found |= self._as_memory_allows(rows, bucket)
        return [found[number] for number in range(len(rows))]

    def _buckets(self, rows: Sequence[Row]) -> Iterator[list[int]]:
        """Numbers of rows of like length, so many together that their padded tokens and answers fit."""
        bucket: list[int] = []
        for number in sorted(range(len(rows)), key=lambda number: len(rows[number].ids)):
            tokens = (len(rows[number].ids) + self._longest) * (len(bucket) + 1)
            if bucket and tokens > self._tokens_at_once:
                yield bucket
                bucket = []
            bucket.append(number)
        if bucket:
            yield bucket

    def _as_memory_allows(self, rows: Sequence[Row], bucket: list[int]) -> dict[int, str]:
        """Halves what does not fit."""
        try:
            written = answer_greedily(self._backend, [rows[number] for number in bucket], self._longest)
            texts = [self._backend.vocabulary.decode(tokens).strip() for tokens in written]
            return dict(zip(bucket, texts, strict=True))
        except torch.OutOfMemoryError:
            if len(bucket) == 1:
                raise
        # Here, and not above: while an error is handled its frames keep the tensors that filled the memory.
        torch.cuda.empty_cache()
        half = len(bucket) // 2
        return self._as_memory_allows(rows, bucket[:half]) | self._as_memory_allows(rows, bucket[half:])


def load(ref: str | Path, device: str, longest: int) -> LocalAnswerer:
    """The answerer of a folder. Raises `ModelError`."""
    model: Model = load_model(ref, device)
    if not isinstance(model, Assessor) or not isinstance(model.backend, TakesQuestions):
        raise UnsupportedCheckpoint(
            f"{str(ref)!r} does not answer free questions ({model.provenance['model']}: its words follow a "
            "form of its own): give a LLaVA or SkinVL checkpoint, another AutoModelForImageTextToText folder "
            "or openai:URL#MODEL"
        )
    return LocalAnswerer(model, model.backend, longest)
