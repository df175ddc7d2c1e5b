"""How probable each answer is after a prompt that the network has read.

Shapes: B prompts, L their padded length, K answers, V the vocabulary. A score is the mean log-probability of
an answer's tokens, so that its length does not count. First tokens are read off the prompt itself; what
follows them takes one further pass for all answers together, and none where all are one token long.
"""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import Cache

from vlm.engine.backend import Backend, Prefix
from vlm.engine.masks import positions_of

# So many rows of a repeated cache at once, where answers cannot be packed: a cache is large.
REPEATED_AT_ONCE = 40

Answers = Sequence[list[int]]
"""Token ids of each answer as they follow a prompt; none is empty."""


def score_answers(backend: Backend, prefix: Prefix, answers: Answers | None = None) -> Tensor:
    """Scores (B, K), float32, of the backend's answers or of others. The prefix's cache stays as before."""
    answers = answers or backend.answers
    first = prefix.next_token[:, [answer[0] for answer in answers]]
    if max(len(answer) for answer in answers) == 1:
        return first
    following = (_packed if backend.packs_answers else _repeated)(backend, prefix, answers)
    lengths = torch.tensor([len(answer) for answer in answers], device=first.device)
    return (first + following) / lengths


def _packed(backend: Backend, prefix: Prefix, every: Answers) -> Tensor:
    """Summed log-probability (B, K) behind first tokens: answers share a row, blind to each other."""
    answers = [answer for answer in every if len(answer) > 1]
    device = prefix.attention.device
    read = torch.tensor([token for answer in answers for token in answer[:-1]], device=device)
    expected = torch.tensor([token for answer in answers for token in answer[1:]], device=device)
    places = torch.tensor([place for answer in answers for place in range(len(answer) - 1)], device=device)
    owners = torch.tensor(
        [k for k, answer in enumerate(every) for _ in answer[1:]], dtype=torch.long, device=device
    )
    rows, number = len(prefix.attention), len(read)
    logits = backend.advance(
        read.expand(rows, number),
        _tree_mask(prefix.attention, owners, backend.network.dtype),
        prefix.cache,
        prefix.attention.sum(-1, keepdim=True) + places,
    )
    prefix.cache.crop(-number)
    steps = logits.float().log_softmax(-1).gather(-1, expected.expand(rows, number)[..., None]).squeeze(-1)
    summed = torch.zeros(rows, len(every), device=device)
    return summed.index_add(1, owners, steps)


def _tree_mask(attention: Tensor, owners: Tensor, dtype: torch.dtype) -> Tensor:
    """(B, 1, N, L + N): each token sees the prompt and its own answer up to itself; to be added to scores."""
    number = len(owners)
    own = (owners[:, None] == owners[None, :]).tril()
    seen = torch.cat(
        [attention.bool()[:, None].expand(-1, number, -1), own.expand(len(attention), number, number)], dim=-1
    )
    blind = torch.zeros(seen.shape, dtype=dtype, device=seen.device)
    return blind.masked_fill(~seen, torch.finfo(dtype).min)[:, None]


def _repeated(backend: Backend, prefix: Prefix, answers: Answers) -> Tensor:
    """The same with one row for each prompt and answer, a few prompts at a time."""
    device = prefix.attention.device
    longest = max(len(answer) for answer in answers) - 1
    # A short answer's last token fills its row; what is read there is not counted.
    ids = torch.tensor([(a[:-1] + a[-1:] * longest)[:longest] for a in answers], device=device)
    expected = torch.tensor([(a[1:] + a[-1:] * longest)[:longest] for a in answers], device=device)
    lengths = torch.tensor([len(answer) - 1 for answer in answers], device=device)
    counted = torch.arange(longest, device=device) < lengths[:, None]
    at_once = max(1, REPEATED_AT_ONCE // len(answers))
    return torch.cat(
        [
            _rows_repeated(backend, chosen(prefix, rows.tolist()), ids, expected, counted)
            for rows in torch.arange(len(prefix.attention)).split(at_once)
        ]
    )


def _rows_repeated(
    backend: Backend, prefix: Prefix, ids: Tensor, expected: Tensor, counted: Tensor
) -> Tensor:
    prompts, (number, longest) = len(prefix.attention), ids.shape
    prefix.cache.batch_repeat_interleave(number)
    attention = torch.cat(
        [
            prefix.attention.repeat_interleave(number, 0),
            torch.ones(prompts * number, longest, dtype=prefix.attention.dtype, device=ids.device),
        ],
        dim=1,
    )
    logits = backend.advance(
        ids.repeat(prompts, 1), attention, prefix.cache, positions_of(attention, last=longest)
    )
    steps = logits.float().log_softmax(-1).gather(-1, expected.repeat(prompts, 1)[..., None]).squeeze(-1)
    return (steps.view(prompts, number, longest) * counted).sum(-1)


def chosen(prefix: Prefix, rows: list[int]) -> Prefix:
    """The prefix of some prompts only, with a cache of its own."""
    index = torch.tensor(rows, device=prefix.attention.device)
    classifier = None if prefix.classifier is None else prefix.classifier[index]
    return Prefix(
        selected(prefix.cache, index), prefix.attention[index], prefix.next_token[index], classifier
    )


def selected(cache: Cache, index: Tensor) -> Cache:
    """Some rows of a cache as a new one; the old one keeps its own."""
    own = copy.copy(cache)
    # Selecting makes new tensors: with the layers' outsides copied, the old cache keeps its own.
    own.layers = [copy.copy(layer) for layer in cache.layers]
    own.batch_select_indices(index)
    return own
