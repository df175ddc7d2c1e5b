"""What every assessment says of the model that made it: the table of keys, in one place.

Knows no backend; each fills in what it knows, and `complete` the rest. Free of torch.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from vlm.model import Provenance

PROMPTS = Path(__file__).parent / "prompts"

KEYS = {
    "model": "the architecture, or the served model's name",
    "version": "which one of that name",
    "weights_sha256": "SHA-256 of the weights; of the options where there are none",
    "config_sha256": "SHA-256 of the configuration that the network was built from",
    "prompt_version": "the versioned file of the prompt's words",
    "prompt_sha256": "SHA-256 of that file, and of the one whose words it borrows",
    "decoding": "how the explanation was written",
    "scoring": "how the findings were scored",
    "calibration": "what the scores were calibrated with",
    "dtype": "precision of the weights",
    "device": "where it was computed",
    "python": "version of Python",
    "torch": "version of torch",
    "transformers": "version of transformers",
    "seed": "seed of what was drawn by chance",
    "notice": "what the findings may be used for",
}
"""Present in every provenance. None: it does not apply, or a remote server does not tell."""

MAY_BE_NONE_LOCALLY = frozenset({"seed"})
"""A local network draws nothing by chance."""

# Where a folder lies and which transformers wrote it changes nothing that is computed.
NOT_OF_THE_NETWORK = ("_name_or_path", "transformers_version")


def complete(known: Mapping[str, Any]) -> Provenance:
    """What a backend knows of itself, with None under the keys that say nothing about it."""
    return dict.fromkeys(KEYS) | {"python": platform.python_version()} | dict(known)


def config_sha256(configuration: Mapping[str, Any]) -> str:
    """SHA-256 of a network's configuration, wherever its folder lies."""
    kept = {name: value for name, value in configuration.items() if name not in NOT_OF_THE_NETWORK}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def prompt_sha256(version: str | None) -> str | None:
    """SHA-256 of a prompt's words; None for a version that has no file of ours."""
    file = PROMPTS / f"{version}.yaml"
    if not version or not file.is_file():
        return None
    words = file.read_bytes()
    if borrowed := yaml.safe_load(words).get("facts_in_words_of"):
        words += (PROMPTS / f"{borrowed}.yaml").read_bytes()
    return hashlib.sha256(words).hexdigest()
