"""Loads the model of an OpenAI-compatible server: `openai:URL#MODEL`."""

import hashlib
import json

import structlog
from PIL import Image

from triage.clinical import Clinical
from triage.example import example_clinical
from vlm.errors import RemoteUnavailable
from vlm.model import Provenance
from vlm.prompting import instruction
from vlm.provenance import complete, prompt_sha256
from vlm.remote.address import Address
from vlm.remote.assessing import LONGEST_EXPLANATION, RemoteModel
from vlm.remote.client import Client
from vlm.remote.photographs import ENCODING, data_url
from vlm.remote.protocol import SEED, Turn, Unreadable
from vlm.remote.retrying import Pace
from vlm.remote.scoring import Ask, NextTokenScoring, PromptScoring, Scoring
from vlm.remote.server import Server
from vlm.settings import VlmSettings

log = structlog.get_logger()

VERSION = "1"
NOTICE = "preliminary findings of a remote model, not validated for clinical use"


def load(ref: str, device: str) -> RemoteModel:
    """The model of an `openai:...` reference. The server computes, so the device does not matter.

    Raises `UnknownModel`, or `RemoteUnavailable` for a server that is away or returns no log-probabilities.
    """
    settings = VlmSettings()
    return load_with(ref, settings, Pace(settings.vlm_remote_attempts))


def load_with(ref: str, settings: VlmSettings, pace: Pace) -> RemoteModel:
    """The same with these settings and this pace of attempts."""
    address = Address.from_reference(ref)
    check_privacy(address, settings)
    server = Server.reached(address, client_for(address, settings, pace))
    scoring = _scoring(server)
    revision = _revision(server)
    return RemoteModel(server, scoring, settings, _provenance(server, scoring, revision), revision)


def client_for(address: Address, settings: VlmSettings, pace: Pace) -> Client:
    """Requests to this address."""
    return Client(
        address.url,
        # A key read from a file ends in a line break, which no header may hold.
        settings.vlm_remote_key.get_secret_value().strip(),
        settings.vlm_remote_timeout_seconds,
        pace,
        settings.vlm_remote_concurrency,
    )


def check_privacy(address: Address, settings: VlmSettings) -> None:
    """Photographs are patient data: refuse to send them readable over networks of strangers."""
    if not address.is_plain:
        return
    reach = address.reach()
    if reach == "public" and not settings.vlm_remote_plain_http:
        raise RemoteUnavailable(
            f"{address.url}: photographs would go there over plain http; "
            "give an https URL, or set VLM_REMOTE_PLAIN_HTTP=true where the way is safe",
            permanent=True,
        )
    if reach != "loopback":
        log.warning("remote_model_without_tls", url=address.url, reach=reach)


def _scoring(server: Server) -> Scoring:
    """The exact way where the server knows it, else the next tokens; refused where it tells neither."""
    picture = Image.new("RGB", (64, 64), "grey")
    question = instruction.question(Clinical.model_validate(example_clinical()))
    ask = server.ask(Turn(data_url(picture), question))
    reasons = []
    for kind in (PromptScoring, NextTokenScoring):
        try:
            return _probed(kind, ask)
        except Unreadable as fault:
            reasons.append(str(fault))
        except RemoteUnavailable as fault:
            if not fault.permanent:
                raise
            reasons.append(str(fault))
    raise RemoteUnavailable(
        f"{server.address.url} returns no log-probabilities behind given words ({'; '.join(reasons)}): "
        "findings are scored, never searched in written text; serve the model with vLLM",
        permanent=True,
    )


def _probed(kind: type[PromptScoring] | type[NextTokenScoring], ask: Ask) -> Scoring:
    return kind.probed(instruction.lead(), tuple(instruction.answers()), ask)


def _revision(server: Server) -> str:
    said = json.dumps([server.address.url, server.address.model, server.served], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _provenance(server: Server, scoring: Scoring, revision: str) -> Provenance:
    known = {
        "model": server.address.model,
        "version": VERSION,
        "server": server.address.url,
        "server_root": server.served["root"],
        "server_max_model_len": server.served["max_model_len"],
        # The server tells no hash of its weights; the revision is one of what it says of the model.
        "weights_sha256": None,
        "revision": revision,
        "prompt_version": instruction.VERSION,
        "prompt_sha256": prompt_sha256(instruction.VERSION),
        "decoding": f"greedy, {LONGEST_EXPLANATION} tokens at most",
        "scoring": scoring.name,
        "photographs": ENCODING,
        "device": "remote",
        "seed": SEED,
        "notice": NOTICE,
    }
    return complete(known)
