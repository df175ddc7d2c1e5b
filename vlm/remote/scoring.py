"""How likely each answer is behind the lead, by what the server tells of log-probabilities.

The score is that of the local engine: the mean log-probability of an answer's tokens, so that length does not
count. Knows nothing of photographs, cases or HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from vlm.remote.protocol import Token, Unreadable, next_tokens_of, prompt_tokens_of

# vLLM's own limit on alternatives, and OpenAI's.
ALTERNATIVES = 20

# Goes on with the assistant's words and returns the server's answer to it.
Ask = Callable[..., Any]
Task = Callable[[Ask], list[float]]


class Changed(Exception):
    """The server cuts the answers into other tokens than when it was loaded."""


class Scoring(Protocol):
    """A way to score. `name` stands in provenance. Tasks run in any order; their scores, joined, are ten."""

    @property
    def name(self) -> str:
        """What is computed, in words."""

    def tasks(self) -> list[Task]:
        """What is to be asked of one photograph. Tasks raise `Unreadable` and `Changed`."""


@dataclass(frozen=True)
class PromptScoring:
    """Exact: lead and answer are given as prompt, and the server returns the prompt's log-probabilities.

    `tokens`: the ids of each answer behind the lead. vLLM reads the whole prompt for each of the ten, since a
    prefix it has in its cache has no log-probabilities.
    """

    lead: str
    answers: tuple[str, ...]
    tokens: tuple[tuple[str, ...], ...]
    name = "mean log-probability of answer tokens (prompt_logprobs), softmax over ten conditions"

    @classmethod
    def probed(cls, lead: str, answers: tuple[str, ...], ask: Ask) -> "PromptScoring":
        """Learn how the server cuts the answers. Raises `Unreadable` where it lacks what is needed."""
        before = [token.name for token in _prompt(ask, lead)]
        cuts = []
        for answer in answers:
            whole = [token.name for token in _prompt(ask, lead + answer)]
            if whole[: len(before)] != before or len(whole) == len(before):
                raise Unreadable("the assistant's turn is not continued (continue_final_message)")
            cuts.append(tuple(whole[len(before) :]))
        return cls(lead, answers, tuple(cuts))

    def tasks(self) -> list[Task]:
        """One request for each answer."""
        return [partial(self._score, *cut) for cut in zip(self.answers, self.tokens, strict=True)]

    def _score(self, answer: str, names: tuple[str, ...], ask: Ask) -> list[float]:
        behind = _prompt(ask, self.lead + answer)[-len(names) :]
        if tuple(token.name for token in behind) != names:
            raise Changed
        return [sum(token.logprob for token in behind) / len(names)]


@dataclass(frozen=True)
class NextTokenScoring:
    """From the likeliest next tokens: a walk along each answer, one token a request, shared beginnings once.

    An answer that leaves the listed tokens counts with the least log-probability of the list where it left,
    since its own is at most that. Where all ten leave at once the findings are even: nothing is known. Where
    only a shorter piece than the tokenizer's own is listed, the walk goes on by that one.
    """

    lead: str
    answers: tuple[str, ...]
    name = (
        f"mean log-probability of answer tokens among the {ALTERNATIVES} likeliest (top_logprobs), "
        "others as the least of them, softmax over ten conditions"
    )

    @classmethod
    def probed(cls, lead: str, answers: tuple[str, ...], ask: Ask) -> "NextTokenScoring":
        """Raises `Unreadable` where the server lists no next tokens."""
        _next(ask, lead)
        return cls(lead, answers)

    def tasks(self) -> list[Task]:
        """One task: each step depends on the last one."""
        return [self._scores]

    def _scores(self, ask: Ask) -> list[float]:
        lists: dict[str, list[Token]] = {}

        def listed(said: str) -> list[Token]:
            if said not in lists:
                lists[said] = _next(ask, self.lead + said)
            return lists[said]

        return [_walked(answer, listed) for answer in self.answers]


def _walked(answer: str, listed: Callable[[str], list[Token]]) -> float:
    said, logprobs = "", []
    while said != answer:
        tokens = listed(said)
        # Sentencepiece tokens that begin a word are listed without their space, those of others with it.
        spaced = any(token.name.startswith(" ") for token in tokens)
        steps = [(_covered(answer[len(said) :], token.name, spaced), token.logprob) for token in tokens]
        # A tokenizer takes the longest piece that it has.
        length, logprob = max(steps)
        if length == 0:
            logprobs.append(min(token.logprob for token in tokens))
            break
        logprobs.append(logprob)
        said += answer[len(said) : len(said) + length]
    return sum(logprobs) / len(logprobs)


def _covered(text: str, token: str, spaced: bool) -> int:
    """How many characters of the text a token stands for; `spaced`: tokens are listed with their spaces."""
    if token and text.startswith(token):
        return len(token)
    if not spaced and token.strip() and text.startswith(f" {token}"):
        return len(token) + 1
    return 0


def _prompt(ask: Ask, said: str) -> list[Token]:
    return prompt_tokens_of(ask(said, 1, prompt_logprobs=0))


def _next(ask: Ask, said: str) -> list[Token]:
    return next_tokens_of(ask(said, 1, logprobs=True, top_logprobs=ALTERNATIVES))
