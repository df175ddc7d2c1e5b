"""Keeps an explanation to the facts while the decoder writes it.

In the list of red flags every one answered yes is named, once, and no other; in the list of facts only given
ones are, once at most; elsewhere none is. Which facts, their order and all other words the decoder chooses.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from vlm.errors import ModelError
from vlm.mpoxvlm.prompt import Prompt, all_phrases, wording
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer


@dataclass
class _Row:
    """One explanation being written: tokens still to name, the list that is open, the token before."""

    red_flags: set[int]
    facts: set[int]
    inside: str = ""
    before: int = -1


@dataclass(frozen=True)
class _Signs:
    """Tokens that steer the lists."""

    red_flag_list: int
    fact_list: int
    no_red_flag: int
    no_fact: int
    colon: int
    semicolon: int
    stop: int


@dataclass
class NamingGuard:
    """One guard for a batch of explanations. Raises `ModelError` where a phrase is not one token."""

    tokenizer: MpoxVLMTokenizer
    prompts: list[Prompt]
    _rows: list[_Row] = field(init=False)

    def __post_init__(self) -> None:
        self._phrases = self.tokenizer.tokens_of(all_phrases())
        if set(self._phrases) != all_phrases():
            raise ModelError(
                "the tokenizer and the prompt's words do not belong together: train them together"
            )
        words = wording()
        texts = [words[name] for name in ("red_flag_list", "fact_list")]
        texts += [f" {words['none']}", f" {words['no_fact']}", ":", ";", "."]
        self._signs = _Signs(*(self.tokenizer.encode(text)[-1] for text in texts))
        self._rows = [
            _Row({self._phrases[p] for p in told.red_flags}, {self._phrases[p] for p in told.facts})
            for told in self.prompts
        ]

    def masked(self, logits: Tensor) -> Tensor:
        """Logits (B, V) with minus infinity where a token may not be written now."""
        forbidden = torch.zeros_like(logits, dtype=torch.bool)
        forbidden[:, [self.tokenizer.image, *self._phrases.values()]] = True
        for mask, row in zip(forbidden, self._rows, strict=True):
            allowed = self._allowed(row)
            if allowed:
                mask[:] = True
                mask[sorted(allowed)] = False
        return logits.masked_fill(forbidden, -torch.inf)

    def written(self, tokens: list[int]) -> None:
        """Take note of the token that each explanation got."""
        for row, token in zip(self._rows, tokens, strict=True):
            if token in (self._signs.red_flag_list, self._signs.fact_list):
                row.inside = "red flags" if token == self._signs.red_flag_list else "facts"
            elif token == self._signs.stop:
                row.inside = ""
            row.red_flags.discard(token)
            row.facts.discard(token)
            row.before = token

    def keep(self, rows: list[int]) -> None:
        """Go on with these explanations only."""
        self._rows = [self._rows[row] for row in rows]

    def _allowed(self, row: _Row) -> set[int]:
        """The tokens a list leaves open; empty where no list is open."""
        signs = self._signs
        if not row.inside:
            return set()
        left = row.red_flags if row.inside == "red flags" else row.facts
        if row.before in (signs.red_flag_list, signs.fact_list):
            return {signs.colon}
        if row.before == signs.colon and row.inside == "red flags":
            return left or {signs.no_red_flag}
        if row.before == signs.colon:
            return left | {signs.no_fact}
        if row.before == signs.semicolon:
            return left
        if row.inside == "red flags":
            return {signs.semicolon} if left else {signs.stop}
        return {signs.semicolon, signs.stop} if left and row.before != signs.no_fact else {signs.stop}
