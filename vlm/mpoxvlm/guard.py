"""Keeps an explanation to the facts while the decoder writes it.

In the list of red flags every one answered yes is named, once, and no other; in the list of facts only given
ones are, once at most; elsewhere none is. Which facts, their order and all other words the decoder chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from vlm.errors import ModelError
from vlm.mpoxvlm.prompt import Prompt, all_phrases, wording
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer


@dataclass(frozen=True)
class Signs:
    """Tokens that steer the lists, and the one token of each phrase."""

    red_flag_list: int
    fact_list: int
    no_red_flag: int
    no_fact: int
    colon: int
    semicolon: int
    stop: int
    phrases: dict[str, int]
    named_only: frozenset[int]


def signs_of(tokenizer: MpoxVLMTokenizer) -> Signs:
    """What a tokenizer makes of the prompt's words. Raises `ModelError` where a phrase is not one token."""
    phrases = tokenizer.tokens_of(all_phrases())
    if set(phrases) != all_phrases():
        raise ModelError("the tokenizer and the prompt's words do not belong together: train them together")
    words = wording()

    def last(text: str) -> int:
        return tokenizer.encode(text)[-1]

    return Signs(
        red_flag_list=last(words["red_flag_list"]),
        fact_list=last(words["fact_list"]),
        no_red_flag=last(f" {words['none']}"),
        no_fact=last(f" {words['no_fact']}"),
        colon=last(":"),
        semicolon=last(";"),
        stop=last("."),
        phrases=phrases,
        named_only=frozenset({tokenizer.image, *phrases.values()}),
    )


@dataclass
class NamingGuard:
    """One explanation being written: phrases still to name, the list that is open, the token before."""

    signs: Signs
    red_flags: tuple[int, ...]
    facts: tuple[int, ...]
    inside: str = ""
    before: int = -1

    @classmethod
    def of(cls, signs: Signs, told: Prompt) -> Self:
        """The guard of an explanation that answers this prompt."""
        return cls(
            signs,
            tuple(signs.phrases[phrase] for phrase in told.red_flags),
            tuple(signs.phrases[phrase] for phrase in told.facts),
        )

    @property
    def named_only(self) -> frozenset[int]:
        """Phrases and image places: written where a list names them, or never."""
        return self.signs.named_only

    def copy(self) -> Self:
        """One that goes on from here by itself."""
        return replace(self)

    def written(self, token: int) -> None:
        """Take note of the token that came."""
        signs = self.signs
        if token in (signs.red_flag_list, signs.fact_list):
            self.inside = "red flags" if token == signs.red_flag_list else "facts"
        elif token == signs.stop:
            self.inside = ""
        self.red_flags = tuple(flag for flag in self.red_flags if flag != token)
        self.facts = tuple(fact for fact in self.facts if fact != token)
        self.before = token

    def allowed(self) -> Sequence[int] | None:
        """The tokens that a list leaves open; None where no list is open."""
        signs = self.signs
        if not self.inside:
            return None
        left = self.red_flags if self.inside == "red flags" else self.facts
        if self.before in (signs.red_flag_list, signs.fact_list):
            return (signs.colon,)
        if self.before == signs.colon:
            return self._first_of_list(left)
        if self.before == signs.semicolon:
            return left
        if self.inside == "red flags":
            return (signs.semicolon,) if left else (signs.stop,)
        return (signs.semicolon, signs.stop) if left and self.before != signs.no_fact else (signs.stop,)

    def _first_of_list(self, left: tuple[int, ...]) -> tuple[int, ...]:
        if self.inside == "red flags":
            return left or (self.signs.no_red_flag,)
        return (*left, self.signs.no_fact)
