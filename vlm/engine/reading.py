"""A bucket of cases as the network reads it: scores of every photograph, combined for each case.

Shapes: B rows (photographs), C cases, K conditions. Where a case has several photographs, the
log-probabilities of those that count are averaged, which is their geometric mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from vlm.engine.backend import Backend, Prefix, Row
from vlm.engine.batching import Case
from vlm.engine.masks import left_padded
from vlm.engine.scoring import score_answers


@dataclass(frozen=True)
class Reading:
    """Prompts read: their prefix, and log-probabilities (B, K) of the answers, on the CPU in float32."""

    prefix: Prefix
    answers: Tensor


def read(backend: Backend, rows: Sequence[Row]) -> Reading:
    """Read the rows together and score all answers."""
    prefix = read_prefix(backend, rows)
    return Reading(prefix, score_answers(backend, prefix).log_softmax(-1).float().cpu())


def read_prefix(backend: Backend, rows: Sequence[Row]) -> Prefix:
    """Read the rows' prompts together, padded on their left."""
    device = backend.network.device
    ids, attention = left_padded([row.ids for row in rows], backend.vocabulary.pad)
    pictures = {
        name: torch.cat([row.pictures[name] for row in rows]).to(device, non_blocking=True)
        for name in rows[0].pictures
    }
    return backend.prefill(ids.to(device), attention.to(device), pictures)


def first_rows(cases: Sequence[Case]) -> list[int]:
    """Where each case's rows begin among the rows of all."""
    return [0, *accumulate(len(case.rows) for case in cases)][:-1]


def combined(scores: Tensor, cases: Sequence[Case]) -> Tensor:
    """Log-probabilities (C, K) of scores (B, K): the mean over photographs that count, normalised again."""
    means = [
        scores[[first + place for place in case.speaking]].mean(dim=0)
        for first, case in zip(first_rows(cases), cases, strict=True)
    ]
    return torch.stack(means).log_softmax(-1)


def speakers(scores: Tensor, cases: Sequence[Case], choices: Sequence[int]) -> list[int]:
    """The row of each case that speaks most for the chosen answer; the first among equals."""
    return [
        max(range(first, first + len(case.rows)), key=lambda row: float(scores[row, choice]))
        for first, case, choice in zip(first_rows(cases), cases, choices, strict=True)
    ]
