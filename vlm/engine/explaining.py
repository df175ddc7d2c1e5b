"""The explanation: the most probable continuation of a prompt and its chosen answer.

What `generate` of transformers gives greedily, but behind a prompt that was read already, and under a guard
where the backend has one. Finished explanations leave the batch.

Shapes: B explanations, N tokens given to each, V the vocabulary.
"""

import torch
from torch import Tensor

from vlm.engine.backend import Backend, Guard, Prefix
from vlm.engine.masks import left_padded
from vlm.engine.scoring import selected

# Finished rows leave when they are this share of the batch: taking them out copies the cache once.
FINISHED_LEAVE_FROM = 0.25
# A look at what a GPU wrote makes it wait; without a guard that needs each token, look this often.
STEPS_BETWEEN_LOOKS = 8


def continue_greedily(
    backend: Backend, prefix: Prefix, given: list[list[int]], guard: Guard | None
) -> list[list[int]]:
    """Tokens (ends left out) after each prompt and its given tokens. Uses up the prefix's cache."""
    device = prefix.attention.device
    vocabulary, every = backend.vocabulary, 1 if guard or device.type == "cpu" else STEPS_BETWEEN_LOOKS
    ends = sorted(vocabulary.ends)
    ids, mask = (part.to(device) for part in left_padded(given, vocabulary.pad))
    attention, cache = prefix.attention, prefix.cache
    forbidden = _forbidden(prefix.next_token.shape[-1], vocabulary.unwritable, device)
    written: list[list[int]] = [[] for _ in given]
    rows, unread = list(range(len(given))), []
    for step in range(1, backend.longest_explanation + 1):
        attention = torch.cat([attention, mask.to(attention.dtype)], dim=1)
        logits = backend.advance(ids, attention, cache)[:, -1].float().masked_fill(forbidden, -torch.inf)
        ids = (guard.masked(logits) if guard else logits).argmax(-1, keepdim=True)
        mask = torch.ones_like(ids)
        unread.append(ids)
        if step % every and step < backend.longest_explanation:
            continue
        tokens = torch.cat(unread, dim=1).tolist()
        unread = []
        if guard:
            guard.written([row[-1] for row in tokens])
        open_rows = _note(tokens, rows, written, set(ends))
        if not open_rows:
            break
        if len(rows) - len(open_rows) >= FINISHED_LEAVE_FROM * len(rows):
            index = torch.tensor(open_rows, device=device)
            cache, attention, ids, mask = selected(cache, index), attention[index], ids[index], mask[index]
            rows = [rows[row] for row in open_rows]
            if guard:
                guard.keep(open_rows)
    return [_until_an_end(row, vocabulary.ends) for row in written]


def _forbidden(size: int, unwritable: frozenset[int], device: torch.device) -> Tensor:
    """(V): True for tokens that are never written."""
    forbidden = torch.zeros(size, dtype=torch.bool)
    forbidden[sorted(unwritable)] = True
    return forbidden.to(device)


def _note(tokens: list[list[int]], rows: list[int], written: list[list[int]], ends: set[int]) -> list[int]:
    """Add new tokens to what each explanation has; returns the places in the batch that have not ended."""
    for row, new in zip(rows, tokens, strict=True):
        written[row] += new
    return [place for place, row in enumerate(rows) if not ends.intersection(written[row])]


def _until_an_end(tokens: list[int], ends: frozenset[int]) -> list[int]:
    return next((tokens[:place] for place, token in enumerate(tokens) if token in ends), tokens)
