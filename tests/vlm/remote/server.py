"""A real HTTP server on loopback that speaks the chat protocol with vLLM's additions; it fails on order.

`faults` are used up one a chat request, None for an answer as it should be; when none is left all goes well.
"""

import base64
import io
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

from tests.vlm.remote.brain import Brain, brain

MODEL = "tiny-llava"
LONGEST = 12

Fault = Callable[["Handler", Callable[[], dict[str, Any]]], None]


@dataclass
class Seen:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def picture(self) -> Image.Image:
        return picture_of(self.json)

    @property
    def said(self) -> str:
        return str(self.json["messages"][-1]["content"])


@dataclass
class Server:
    """What the server offers, what it was asked, and what goes wrong next."""

    brain: Brain
    url: str = ""
    key: str = ""
    offers: frozenset[str] = frozenset({"prompt_logprobs", "logprobs", "continue"})
    models: list[dict[str, Any]] = field(default_factory=list)
    faults: deque[Fault | None] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    slow_s: float = 0.0
    explanation: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ref(self) -> str:
        return f"openai:{self.url}#{MODEL}"

    @property
    def chats(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path.endswith("/chat/completions")]

    def forget(self) -> None:
        """Only what comes from now on counts."""
        self.seen.clear()
        self.most_under_way = 0

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """What vLLM would say; thought of once, since the same request has the same answer."""
        asked = (self.offers, json.dumps(body))
        with self.lock:
            if asked not in self.brain.thought:
                self.brain.thought[asked] = self._thought(body)
            answer = self.brain.thought[asked]
        if self.explanation and body["max_tokens"] > 1:
            said = {"role": "assistant", "content": self.explanation}
            return answer | {"choices": [answer["choices"][0] | {"message": said}]}
        return answer

    def _thought(self, body: dict[str, Any]) -> dict[str, Any]:
        mind, picture = self.brain, picture_of(body)
        turn, *begun = body["messages"]
        parts = [part if part["type"] == "text" else {"type": "image"} for part in turn["content"]]
        messages = [turn | {"content": parts}, *begun]
        goes_on = "continue" in self.offers and body.get("continue_final_message", False)
        how = {"continue_final_message": goes_on, "add_generation_prompt": not goes_on}
        ids = mind.prompt(messages, **how)
        logprobs = mind.logprobs(ids, picture)
        scored = body["max_tokens"] == 1
        written = [] if scored else mind.greedy(ids, picture, min(body["max_tokens"], LONGEST))
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": mind.tokenizer.decode(written)},
            "finish_reason": "length",
            "logprobs": None,
        }
        answer: dict[str, Any] = {"id": "chat-1", "object": "chat.completion", "choices": [choice]}
        if body.get("logprobs") and "logprobs" in self.offers:
            likeliest = logprobs[-1].topk(body["top_logprobs"])
            listed = [
                {"token": mind.tokenizer.decode([id]), "logprob": value}
                for id, value in zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
            ]
            choice["logprobs"] = {"content": [listed[0] | {"top_logprobs": listed}]}
        if body.get("prompt_logprobs") is not None and "prompt_logprobs" in self.offers:
            answer["prompt_logprobs"] = [None] + [
                {str(id): {"logprob": float(logprobs[n, id]), "rank": 1, "decoded_token": "?"}}
                for n, id in enumerate(ids[1:])
            ]
        return answer


def picture_of(body: dict[str, Any]) -> Image.Image:
    """The photograph of a request, as it was sent."""
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # Headers and body are sent apart; the kernel would hold the second back for 40 ms.
    disable_nagle_algorithm = True
    tested: Server

    def do_GET(self) -> None:
        self._note(b"")
        if self._is_let_in():
            self.send(200, {"object": "list", "data": self.tested.models})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.tested.lock:
            self._note(body)
            fault = self.tested.faults.popleft() if self.tested.faults else None
            self.tested.under_way += 1
            self.tested.most_under_way = max(self.tested.most_under_way, self.tested.under_way)
        try:
            time.sleep(self.tested.slow_s)
            self._chat(json.loads(body), fault)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with self.tested.lock:
                self.tested.under_way -= 1

    def _chat(self, body: dict[str, Any], fault: Fault | None) -> None:
        if not self._is_let_in():
            return
        if fault:
            fault(self, lambda: self.tested.answer(body))
        elif body["model"] not in {model["id"] for model in self.tested.models}:
            self.send(404, {"object": "error", "message": "no such model"})
        else:
            self.send(200, self.tested.answer(body))

    def _is_let_in(self) -> bool:
        if self.tested.key and self.headers.get("Authorization") != f"Bearer {self.tested.key}":
            self.send(401, {"error": "wrong key"})
            return False
        return True

    def _note(self, body: bytes) -> None:
        self.tested.seen.append(Seen(self.path, dict(self.headers), body, time.monotonic()))

    def send(self, status: int, answer: Any, **headers: str) -> None:
        """A whole answer."""
        self.send_bytes(status, json.dumps(answer).encode(), **headers)

    def send_bytes(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        """An answer that may be shorter than it says."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The tests' output stays clean."""


def refuses(status: int, **headers: str) -> Fault:
    """Answers with this status, quoting the request as a careless server would."""
    return lambda handler, answer: handler.send(status, {"message": "prompt: USER: fever"}, **headers)


def hangs(seconds: float) -> Fault:
    """Says nothing for so long."""

    def fault(handler: Handler, answer: Callable[[], dict[str, Any]]) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return fault


def says(text: str) -> Fault:
    """Answers with this text instead of JSON."""
    return lambda handler, answer: handler.send_bytes(200, text.encode())


def resets(handler: Handler, answer: Callable[[], dict[str, Any]]) -> None:
    """The connection is reset in the middle of the answer."""
    body = json.dumps(answer()).encode()
    handler.send_bytes(200, body[: len(body) // 2], len(body))
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def truncates(handler: Handler, answer: Callable[[], dict[str, Any]]) -> None:
    """The connection ends in the middle of the answer, in all politeness."""
    body = json.dumps(answer()).encode()
    handler.send_bytes(200, body[: len(body) // 2], len(body))
    handler.close_connection = True


def drips(every_s: float) -> Fault:
    """A byte now and then: no single wait is long."""

    def fault(handler: Handler, answer: Callable[[], dict[str, Any]]) -> None:
        handler.send_bytes(200, b"", 10_000)
        for _ in range(10_000):
            handler.wfile.write(b" ")
            time.sleep(every_s)

    return fault


def in_chunks(handler: Handler, answer: Callable[[], dict[str, Any]]) -> None:
    """A sound answer without a length, as some proxies pass it on."""
    body = json.dumps(answer()).encode()
    parts = [body[:100], body[100:], b""]
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts))


def bears_only(most: int) -> Fault:
    """Refuses while more requests than this are under way."""

    def fault(handler: Handler, answer: Callable[[], dict[str, Any]]) -> None:
        with handler.tested.lock:
            too_many = handler.tested.under_way > most
        if too_many:
            refuses(503)(handler, answer)
        else:
            handler.send(200, answer())

    return fault


def without_logprobs(handler: Handler, answer: Callable[[], dict[str, Any]]) -> None:
    """Forgets what it was asked for."""
    handler.send(200, answer() | {"prompt_logprobs": None})


@contextmanager
def serving(**options: Any) -> Iterator[Server]:
    """A server on a free port, until the block ends."""
    tested = Server(options.pop("brain", None) or brain(), **options)
    tested.models = [
        {"id": MODEL, "object": "model", "owned_by": "vllm", "root": "/tiny", "max_model_len": 2048}
    ]
    handler = type("TestedHandler", (Handler,), {"tested": tested})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads, http.block_on_close = True, False
    tested.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=lambda: http.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield tested
    finally:
        http.shutdown()
        http.server_close()
