"""The chat protocol of OpenAI with vLLM's additions: what is asked, and what of an answer is read.

`continue_final_message` makes the server go on with the assistant's turn that is given; `prompt_logprobs: 0`
makes it return the log-probability of every prompt token and of no alternative. Both are vLLM's.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError

SEED = 0

Kind = TypeVar("Kind", bound=BaseModel)


@dataclass(frozen=True)
class Turn:
    """The user's turn: one photograph as a data URL, and the question."""

    photograph: str
    question: str


@dataclass(frozen=True)
class Token:
    """A token with its log-probability, named by its id or by its text."""

    name: str
    logprob: float


class Unreadable(Exception):
    """An answer lacks what was asked for; the text says what."""


def chat(model: str, turn: Turn, said: str, tokens: int, **more: Any) -> dict[str, Any]:
    """A request to go on with `said`, the beginning of the assistant's turn, by at most so many tokens."""
    return {
        "model": model,
        "messages": [_shown(turn), {"role": "assistant", "content": said}],
        "add_generation_prompt": False,
        "continue_final_message": True,
        **_greedily(tokens),
        **more,
    }


def question(model: str, turn: Turn, tokens: int) -> dict[str, Any]:
    """A request to answer the user's turn by at most so many tokens, in OpenAI's own protocol."""
    return {"model": model, "messages": [_shown(turn)], **_greedily(tokens)}


def _shown(turn: Turn) -> dict[str, Any]:
    picture = {"type": "image_url", "image_url": {"url": turn.photograph}}
    return {"role": "user", "content": [picture, {"type": "text", "text": turn.question}]}


def _greedily(tokens: int) -> dict[str, Any]:
    return {"max_tokens": tokens, "temperature": 0, "seed": SEED, "stream": False}


def _finite(value: float) -> float:
    if not math.isfinite(value) or value > 1e-3:
        raise ValueError("no log-probability")
    return min(value, 0.0)


Logprob = Annotated[float, AfterValidator(_finite)]


class _PromptToken(BaseModel):
    logprob: Logprob


class _Alternative(BaseModel):
    token: str
    logprob: Logprob


class _Written(BaseModel):
    top_logprobs: list[_Alternative] = Field(min_length=1)


class _Logprobs(BaseModel):
    content: list[_Written] = Field(min_length=1)


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    logprobs: _Logprobs | None = None


class _Chat(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    prompt_logprobs: list[dict[str, _PromptToken] | None] | None = None


class _Served(BaseModel):
    id: str
    root: str | None = None
    parent: str | None = None
    owned_by: str | None = None
    max_model_len: int | None = None


class _List(BaseModel):
    data: list[_Served]


def text_of(answer: Any) -> str:
    """What the model wrote."""
    return _read(_Chat, answer).choices[0].message.content or ""


def prompt_tokens_of(answer: Any) -> list[Token]:
    """Every prompt token but the first, named by its id. Raises `Unreadable`."""
    listed = _read(_Chat, answer).prompt_logprobs
    if not listed:
        raise Unreadable("no prompt_logprobs")
    tokens = []
    for place in listed[1:]:
        if not place:
            raise Unreadable("a prompt token without log-probability")
        # Some versions add the likeliest token; the prompt's own comes first.
        name, token = next(iter(place.items()))
        tokens.append(Token(name, token.logprob))
    return tokens


def next_tokens_of(answer: Any) -> list[Token]:
    """The likeliest next tokens, named by their text. Raises `Unreadable`."""
    logprobs = _read(_Chat, answer).choices[0].logprobs
    if logprobs is None:
        raise Unreadable("no logprobs")
    return [Token(found.token, found.logprob) for found in logprobs.content[0].top_logprobs]


def served_of(answer: Any) -> dict[str, dict[str, Any]]:
    """What the server says of each model, by its id, less what changes with every answer."""
    return {served.id: served.model_dump() for served in _read(_List, answer).data}


def _read(kind: type[Kind], answer: Any) -> Kind:
    try:
        return kind.model_validate(answer)
    except ValidationError as error:
        # Where and what kind only: the values may quote the request.
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the answer"
        raise Unreadable(f"{place} is not of the protocol ({first['type']})") from None
