"""The explanation: the most probable continuation of a prompt and its chosen answer.

What `generate` of transformers gives greedily, but behind a prompt that was read already, under a guard where
the backend has one, and several tokens a pass where a draft guesses them right. A token that was guessed
wrong stays in the cache, masked for ever. Finished explanations leave the batch.

Shapes: B explanations, N tokens of a pass, V the vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vlm.engine.backend import Backend, Guard, Prefix, Row
from vlm.engine.drafts import Drafts, reach
from vlm.engine.masks import left_padded
from vlm.engine.reading import read_prefix
from vlm.engine.scoring import selected

# Finished rows leave when they are this share of the batch: taking them out copies the cache once.
FINISHED_LEAVE_FROM = 0.25


@dataclass
class Writing:
    """One explanation on its way. `unread`: tokens settled that the network has not read yet."""

    answer: int
    unread: list[int]
    guard: Guard | None
    left: int
    written: list[int] = field(default_factory=list)
    draft: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    ended: bool = False

    def guess(self, drafts: Drafts, longest: int) -> None:
        """Draft what may come next."""
        self.draft = drafts.draft(self.answer, self.told, self.guard, min(longest, self.left - 1))

    def take(self, usual: Sequence[int], logits: Tensor, ends: frozenset[int]) -> int:
        """Settle tokens as long as the draft is right, and the one behind it; how many of the draft were.

        `usual` and `logits` (N, V) are what comes behind the last unread token and each drafted one.
        """
        self.unread = []
        for place, guessed in enumerate([*self.draft, None]):
            token = self._pick(usual[place], logits[place])
            self._settle(token, ends)
            if self.ended or token != guessed:
                self.unread = [token]
                return place
        return len(self.draft)

    def _pick(self, usual: int, logits: Tensor) -> int:
        allowed = self.guard.allowed() if self.guard else None
        if allowed is None or len(allowed) == 1:
            return usual if allowed is None else allowed[0]
        ordered = sorted(allowed)
        return ordered[int(logits[ordered].argmax())]

    def _settle(self, token: int, ends: frozenset[int]) -> None:
        self.left -= 1
        self.ended = token in ends or not self.left
        self.told.append(token)
        if token not in ends:
            self.written.append(token)
        if self.guard:
            self.guard.written(token)


@torch.inference_mode()
def continue_greedily(
    backend: Backend,
    prefix: Prefix,
    choices: Sequence[int],
    guards: Sequence[Guard] | None,
    drafts: Drafts,
) -> list[list[int]]:
    """Tokens (ends left out) after each prompt and its chosen answer. Uses up the prefix's cache."""
    writings = [
        Writing(
            answer=choice,
            unread=backend.answers[choice] + backend.after_answer,
            guard=guards[row] if guards else None,
            left=backend.longest_explanation,
            told=backend.answers[choice] + backend.after_answer,
        )
        for row, choice in enumerate(choices)
    ]
    _write_all(backend, prefix, writings, _forbidden(backend, prefix, guards), drafts)
    return [writing.written for writing in writings]


@torch.inference_mode()
def answer_greedily(backend: Backend, rows: Sequence[Row], longest: int) -> list[list[int]]:
    """Tokens (ends left out) that the network writes by itself behind each row's prompt, so many at most."""
    prefix = read_prefix(backend, rows)
    forbidden = _forbidden(backend, prefix, None)
    writings = [Writing(answer=0, unread=[], guard=None, left=longest) for _ in rows]
    first = prefix.next_token.masked_fill(forbidden, -torch.inf)
    for writing, token, scores in zip(writings, first.argmax(-1).tolist(), first, strict=True):
        writing.take([token], scores[None], backend.vocabulary.ends)
    _write_all(backend, prefix, writings, forbidden, Drafts())
    return [writing.written for writing in writings]


def _write_all(
    backend: Backend, prefix: Prefix, writings: Sequence[Writing], forbidden: Tensor, drafts: Drafts
) -> None:
    """Let all go on until each has ended."""
    vocabulary, attention, cache, going = backend.vocabulary, prefix.attention, prefix.cache, [*writings]
    while going and not all(writing.ended for writing in going):
        for writing in going:
            writing.guess(drafts, reach(len(going)))
        ids, mask = left_padded([w.unread + w.draft for w in going], vocabulary.pad)
        attention = torch.cat([attention, mask.to(attention)], dim=1)
        logits = backend.advance(ids.to(attention.device), attention, cache)
        attention = _without_wrong_guesses(attention, _take(going, logits, forbidden, vocabulary.ends))
        open_rows = [row for row, writing in enumerate(going) if not writing.ended]
        if open_rows and len(going) - len(open_rows) >= FINISHED_LEAVE_FROM * len(going):
            index = torch.tensor(open_rows, device=attention.device)
            cache, attention = selected(cache, index), attention[index]
            going = [going[row] for row in open_rows]
        elif not open_rows:
            going = []


def _take(going: Sequence[Writing], logits: Tensor, forbidden: Tensor, ends: frozenset[int]) -> list[int]:
    """Give every explanation that goes on its logits; how many of each one's drafted tokens were wrong."""
    longest = 1 + max(len(writing.draft) for writing in going)
    # All rows end alike: drafts stand at the right, the last unread token before them.
    ends_of = logits[:, -longest:].float().masked_fill(forbidden, -torch.inf)
    usual, wrong = ends_of.argmax(-1).tolist(), []
    for row, writing in enumerate(going):
        if writing.ended:
            wrong.append(0)
            continue
        first = longest - 1 - len(writing.draft)
        right = writing.take(usual[row][first:], logits[row, logits.shape[1] - longest + first :], ends)
        wrong.append(len(writing.draft) - right)
    return wrong


def _without_wrong_guesses(attention: Tensor, wrong: Sequence[int]) -> Tensor:
    """The mask with the last so many columns of each row hidden."""
    if not any(wrong):
        return attention
    behind = torch.arange(attention.shape[1], 0, -1, device=attention.device)
    return attention * (behind > torch.tensor(wrong, device=attention.device)[:, None])


def _forbidden(backend: Backend, prefix: Prefix, guards: Sequence[Guard] | None) -> Tensor:
    """(V): True for tokens that are never written, or only where a guard names them."""
    forbidden = torch.zeros(prefix.next_token.shape[-1], dtype=torch.bool)
    named_only = guards[0].named_only if guards else frozenset()
    forbidden[sorted(backend.vocabulary.unwritable | named_only)] = True
    return forbidden.to(prefix.attention.device)
