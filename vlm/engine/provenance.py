"""What is stored with every assessment of a local network, so that it can be reproduced."""

import torch
import transformers

from vlm.engine.backend import Backend
from vlm.engine.calibration import Calibration
from vlm.model import Provenance
from vlm.provenance import complete, config_sha256, prompt_sha256


def provenance_of(backend: Backend, calibration: Calibration) -> Provenance:
    """The backend's own account and what the engine adds. Nothing is drawn, so there is no seed."""
    network = backend.network
    known = {
        "config_sha256": config_sha256(network.config.to_dict()),
        "prompt_sha256": prompt_sha256(backend.described.get("prompt_version")),
        "decoding": f"greedy, {backend.longest_explanation} tokens at most",
        **backend.described,
        "scoring": "mean log-probability of answer tokens, softmax over ten conditions",
        "calibration": calibration.version,
        "dtype": str(network.dtype).removeprefix("torch."),
        "device": str(network.device),
        "attention": str(network.config._attn_implementation),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "seed": None,
    }
    return complete(known)
