"""Open questions by a language model behind an OpenAI-compatible server, with the caption as its only source.

What it writes is kept in the book's folder under the hash of the request, so that a run that was stopped
goes on without asking again. Knows nothing of what is done with the answers.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from training.textbooks.questions.drafts import Draft
from vlm.remote.client import Client
from vlm.remote.protocol import text_of
from vlm.remote.retrying import Pace

ATTEMPTS = 3
LONGEST_ANSWER = 700
INSTRUCTION = (
    "You write questions and answers about a picture from a dermatology textbook. Its caption is your only "
    "source: state nothing that the caption does not state. Ask about diagnosis, morphology, site, modality, "
    "next step and differential diagnosis, and only about what the caption tells. Answer in a few words. "
    'Reply with a JSON list of objects {"kind": ..., "question": ..., "answer": ...} and nothing else; '
    "kind is one of diagnosis, morphology, site, modality, next_step, differential."
)
KINDS = ("diagnosis", "morphology", "site", "modality", "next_step", "differential")


class Malformed(Exception):
    """The model's reply is no list of questions and answers."""


class Server(Protocol):
    """What is needed of a server: `post` of `vlm.remote.client.Client`, and the base URL."""

    url: str

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that comes back."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")

    kind: str
    question: str = Field(min_length=3)
    answer: str = Field(min_length=1)


_LIST = TypeAdapter(list[_Said])


class LanguageModel:
    """One model of one server. `attempts`: how often it is asked when its replies cannot be read."""

    def __init__(self, server: Server, model: str, attempts: int = ATTEMPTS) -> None:
        self.server, self.model, self.attempts = server, model, attempts

    @classmethod
    def at(cls, url: str, model: str, *, key: str = "", timeout_s: float = 120.0) -> "LanguageModel":
        """The model `model` at a base URL that usually ends in /v1."""
        return cls(Client(url.rstrip("/"), key, timeout_s, Pace(attempts=4), concurrency=1), model)

    def drafts(self, caption: str, cache: Path) -> list[Draft]:
        """What the model asks and answers of a caption; empty where no attempt gave a list.

        Raises `vlm.errors.RemoteUnavailable`.
        """
        for attempt in range(self.attempts):
            try:
                return list(_read(self._reply(caption, attempt, cache)))
            except Malformed:
                continue
        return []

    def _reply(self, caption: str, attempt: int, cache: Path) -> str:
        return self.reply(_request(self.model, caption, attempt), cache)

    def reply(self, body: dict[str, Any], cache: Path) -> str:
        """What the model says to a request: from the folder `cache` where it said it before.

        Raises `vlm.errors.RemoteUnavailable`.
        """
        kept = cache / f"{_name(self.server.url, body)}.json"
        if kept.exists():
            return str(json.loads(kept.read_text(encoding="utf-8")))
        reply = text_of(self.server.post("/chat/completions", body))
        _keep(kept, reply)
        return reply


def _request(model: str, caption: str, attempt: int) -> dict[str, Any]:
    # Another seed and some warmth at each further attempt: the same request would get the same reply.
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": INSTRUCTION},
            {"role": "user", "content": f"Caption: {caption}"},
        ],
        "max_tokens": LONGEST_ANSWER,
        "temperature": 0.3 * attempt,
        "seed": attempt,
        "stream": False,
    }


def _name(url: str, body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([url, body], sort_keys=True).encode()).hexdigest()


def _keep(file: Path, reply: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    passing = file.with_suffix(".part")
    passing.write_text(json.dumps(reply), encoding="utf-8")
    os.replace(passing, file)


def _read(reply: str) -> Iterator[Draft]:
    """The drafts in a reply, which may stand in a fenced block. Raises `Malformed`."""
    start, end = reply.find("["), reply.rfind("]")
    try:
        said = _LIST.validate_json(reply[start : end + 1])
    except ValidationError:
        raise Malformed from None
    for one in said:
        kind = one.kind if one.kind in KINDS else "other"
        yield Draft(kind, one.question.strip(), one.answer.strip())
