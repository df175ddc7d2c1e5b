"""Question and answer examples as tensors for the decoder."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from training.explanations import explanation
from training.simulated_clinical import draw_clinical
from triage.findings import CONDITIONS
from vlm.mpoxvlm.prompt import prompt, wording
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer, answer_text

# So often the answer given is any condition: the explanation must follow the answer, whatever the picture.
OTHER_ANSWER_SHARE = 0.3


@dataclass(frozen=True)
class Batch:
    """Token ids (B, L), right-padded, image places first; masks of answer and explanation tokens (B, L)."""

    ids: Tensor
    attention: Tensor
    answer: Tensor
    explanation: Tensor


def draw_batch(
    labels: Sequence[Sequence[float]],
    rows: Sequence[dict[str, str]],
    seen: Sequence[tuple[str, ...]],
    tokenizer: MpoxVLMTokenizer,
    image_tokens: int,
    chance: random.Random,
    *,
    wide: bool = False,
) -> Batch:
    """One example per label, with freshly drawn clinical information."""
    examples = [
        _example(label, row, words, tokenizer, image_tokens, chance, wide)
        for label, row, words in zip(labels, rows, seen, strict=True)
    ]
    ids, answers, explanations = zip(*examples, strict=True)

    def padded(parts: Sequence[Tensor], value: int) -> Tensor:
        return pad_sequence(list(parts), batch_first=True, padding_value=value)

    attention = padded([torch.ones_like(part) for part in ids], 0)
    return Batch(
        padded(ids, tokenizer.pad), attention, padded(answers, 0).bool(), padded(explanations, 0).bool()
    )


def _example(
    label: Sequence[float],
    row: dict[str, str],
    seen: tuple[str, ...],
    tokenizer: MpoxVLMTokenizer,
    image_tokens: int,
    chance: random.Random,
    wide: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    (condition,) = chance.choices(CONDITIONS, weights=label)
    clinical = draw_clinical(condition, row, chance, wide=wide)
    is_true = chance.random() >= OTHER_ANSWER_SHARE
    answer = condition if is_true else chance.choice(CONDITIONS)
    question = [tokenizer.image] * image_tokens + tokenizer.encode(prompt(clinical).text)
    given = tokenizer.encode(answer_text(answer))
    between = tokenizer.encode(str(wording()["answer_end"]))
    written = [*tokenizer.encode(explanation(answer, clinical, seen)), tokenizer.end]
    lengths = (len(question), len(given), len(between), len(written))
    return (
        torch.tensor(question + given + between + written),
        _mask(lengths, 1) * int(is_true),
        _mask(lengths, 3),
    )


def _mask(lengths: tuple[int, ...], part: int) -> Tensor:
    return torch.cat([torch.full((length,), int(i == part)) for i, length in enumerate(lengths)])
