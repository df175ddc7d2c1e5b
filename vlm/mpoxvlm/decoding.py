"""Reading answers out of the decoder: scores of candidates and the greedy continuation.

Shapes: B prompts, L their padded length, K candidates. All prompts are left-padded and positions follow
the attention mask, so a batch gives what its members give alone. The image prefix is computed once and its
key-value cache shared by the scoring and by the explanation.
"""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache

from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration, image_outputs
from vlm.mpoxvlm.guard import NamingGuard


@dataclass
class Prefix:
    """Prompts already read: the cache, the mask (B, L) and the log-probabilities of the next token (B, V)."""

    cache: DynamicCache
    attention: Tensor
    next_token: Tensor


def left_padded(rows: list[list[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask (B, L)."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([[pad] * (length - len(row)) + row for row in rows])
    attention = torch.tensor([[0] * (length - len(row)) + [1] * len(row) for row in rows])
    return ids, attention


def read_prefix(
    model: MpoxVLMForConditionalGeneration, ids: Tensor, attention: Tensor, image_tokens: Tensor
) -> Prefix:
    """Read prompts (B, L) with their pictures' image tokens (B, N, T)."""
    output = model(
        input_ids=ids,
        attention_mask=attention,
        position_ids=_positions(attention),
        mm_encoder_outputs={"image": image_outputs(image_tokens)},
        past_key_values=DynamicCache(),
        use_cache=True,
        logits_to_keep=1,
    )
    return Prefix(output.past_key_values, attention, output.logits[:, -1].float().log_softmax(-1))


def score_answers(model: MpoxVLMForConditionalGeneration, prefix: Prefix, answers: list[list[int]]) -> Tensor:
    """Mean log-probability of each answer's tokens after each prompt (B, K): length does not count.

    First tokens are read off the prefix; longer answers need one further pass, for all of them together.
    """
    first = prefix.next_token[:, [answer[0] for answer in answers]]
    longest = max(len(answer) for answer in answers)
    if longest == 1:
        return first
    prompts, number = len(first), len(answers)
    ids = torch.tensor([answer + [answer[-1]] * (longest - len(answer)) for answer in answers])
    ids = ids.repeat(prompts, 1).to(first.device)
    attention = torch.cat([prefix.attention.repeat_interleave(number, 0), torch.ones_like(ids)], dim=1)
    cache = copy.deepcopy(prefix.cache)
    cache.batch_repeat_interleave(number)
    logits = model(
        input_ids=ids,
        attention_mask=attention,
        position_ids=_positions(attention)[:, -longest:],
        past_key_values=cache,
        use_cache=True,
    ).logits
    following = logits[:, :-1].float().log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    lengths = torch.tensor([len(answer) for answer in answers], device=first.device).repeat(prompts)
    counted = torch.arange(1, longest, device=first.device) < lengths[:, None]
    total: Tensor = first.reshape(-1) + (following * counted).sum(-1)
    return (total / lengths).view(prompts, number)


def continue_greedily(
    model: MpoxVLMForConditionalGeneration,
    prefix: Prefix,
    given: list[list[int]],
    *,
    end: int,
    pad: int,
    guard: NamingGuard | None,
    longest: int,
) -> list[list[int]]:
    """The most probable continuation of each prompt and its given tokens, until `end` or `longest` tokens.

    Uses up the prefix's cache. The guard, where given, decides what may be written.
    """
    ids, mask = left_padded(given, pad)
    ids, mask = ids.to(prefix.attention.device), mask.to(prefix.attention.device)
    attention, written = prefix.attention, []
    unfinished = torch.ones(len(ids), dtype=torch.bool, device=ids.device)
    for _ in range(longest):
        attention = torch.cat([attention, mask], dim=1)
        logits = model(
            input_ids=ids,
            attention_mask=attention,
            position_ids=_positions(attention)[:, -ids.shape[1] :],
            past_key_values=prefix.cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        logits = guard.masked(logits) if guard else logits
        ids = torch.where(unfinished, logits.argmax(-1), torch.full_like(logits.argmax(-1), end))[:, None]
        if guard:
            guard.written(ids[:, 0].tolist())
        mask = torch.ones_like(ids)
        written.append(ids)
        unfinished &= ids[:, 0] != end
        if not unfinished.any():
            break
    rows = torch.cat(written, dim=1).tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


def chosen_rows(prefix: Prefix, rows: list[int]) -> Prefix:
    """The prefix of some prompts only, with a cache of its own."""
    index = torch.tensor(rows, device=prefix.attention.device)
    cache = copy.deepcopy(prefix.cache)
    cache.batch_select_indices(index)
    return Prefix(cache, prefix.attention[index], prefix.next_token[index])


def _positions(attention: Tensor) -> Tensor:
    return (attention.cumsum(-1) - 1).clamp(min=0)
