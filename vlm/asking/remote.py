"""Answers of an OpenAI-compatible server: one request a question, many under way at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from vlm.asking.answerer import Question
from vlm.model import Provenance
from vlm.provenance import complete
from vlm.remote.address import Address
from vlm.remote.backend import NOTICE, VERSION, check_privacy, client_for
from vlm.remote.crew import Crew
from vlm.remote.photographs import ENCODING, data_url
from vlm.remote.protocol import SEED, Turn
from vlm.remote.retrying import Pace
from vlm.remote.server import Server
from vlm.settings import VlmSettings


@dataclass(frozen=True)
class RemoteAnswerer:
    """Answers `vlm.asking.Answerer`. Each method raises `RemoteUnavailable`."""

    server: Server
    concurrency: int
    longest: int
    provenance: Provenance

    def answer(self, questions: Sequence[Question]) -> list[str]:
        """One text per question, in order; refused where the server now serves another model."""
        self.server.check_unchanged()
        with Crew(self.concurrency) as crew:
            return crew.all([partial(self._answered, question) for question in questions])

    def _answered(self, question: Question) -> str:
        return self.server.answered(Turn(data_url(question.image), question.text), self.longest)


def load(ref: str, longest: int) -> RemoteAnswerer:
    """The answerer of an `openai:...` reference. No log-probabilities are asked for."""
    settings = VlmSettings()
    return load_with(ref, longest, settings, Pace(settings.vlm_remote_attempts))


def load_with(ref: str, longest: int, settings: VlmSettings, pace: Pace) -> RemoteAnswerer:
    """The same with these settings and this pace of attempts."""
    address = Address.from_reference(ref)
    check_privacy(address, settings)
    server = Server.reached(address, client_for(address, settings, pace))
    return RemoteAnswerer(
        server, settings.vlm_remote_concurrency, longest, _provenance(server, address, longest)
    )


def _provenance(server: Server, address: Address, longest: int) -> Provenance:
    return complete(
        {
            "model": address.model,
            "version": VERSION,
            "server": address.url,
            "server_root": server.served["root"],
            "server_max_model_len": server.served["max_model_len"],
            "decoding": f"greedy, {longest} tokens at most",
            "photographs": ENCODING,
            "device": "remote",
            "seed": SEED,
            "notice": NOTICE,
        }
    )
