"""The comparison at load: does batched reading give what transformers' `generate` gives for a row alone?

Two drawn pictures of different shape with prompts of different length are read as one left-padded batch and a
few tokens further, through a repeated cache, as findings are scored. The truth is `generate` for one row with
the cache that the family itself chooses.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import torch
from PIL import Image
from torch import Tensor
from transformers import GenerationConfig

from triage.clinical import Clinical
from vlm.engine.backend import Prefix, Row
from vlm.engine.masks import left_padded
from vlm.engine.scoring import score_answers
from vlm.errors import UnsupportedCheckpoint

if TYPE_CHECKING:
    from vlm.standard.backend import StandardBackend

STEPS = 4
# Candidates whose log-probabilities are compared at each step: the rest are noise in half precision.
LIKELIEST = 20
# Largest difference of a log-probability. In half precision a batch rounds otherwise than a single row.
TOLERANCE = {torch.float32: 1e-3, torch.float16: 0.1, torch.bfloat16: 0.5}
LEAST = {
    "patient_ref": "-",
    "consent": {"triage": True},
    "region": "XX-1",
    "age": {"years": 40},
}
SHOWN = (
    ((448, 224), LEAST),
    ((240, 330), LEAST | {"symptoms": {"fever": {"present": "yes"}}, "red_flags": {"eye": "yes"}}),
)
WAYS = {True: "rows together", False: "rows one by one"}


@torch.inference_mode()
def settle_how_rows_are_read(backend: "StandardBackend") -> None:
    """Choose the fastest exact way and note it. Raises `UnsupportedCheckpoint` where none is exact."""
    cases = [(_drawn(size), Clinical.model_validate(said)) for size, said in SHOWN]
    rows = [backend.rows([image], clinical)[0] for image, clinical in cases]
    _refuse_unreadable(backend, rows)
    truths = [_generated(backend, image, clinical) for image, clinical in cases]
    reasons = []
    for together, way in WAYS.items():
        backend.reader.together = together
        reason = _objection(backend, lambda: _difference(backend, rows, truths))
        if not reason:
            backend.packs_answers = _can_pack(backend, rows)
            backend.described["reading"] = way
            return
        reasons.append(f"{way}: {reason}")
    raise UnsupportedCheckpoint(
        f"model_type {backend.network.config.model_type!r} cannot be read exactly in batches "
        f"({'; '.join(reasons)}): serve it by its own server and refer to it as openai:URL#MODEL"
    )


def _objection(backend: "StandardBackend", difference: Callable[[], float]) -> str:
    """Why a way of reading cannot be used; empty where it can."""
    allowed = TOLERANCE[backend.network.dtype]
    try:
        found = difference()
    except torch.OutOfMemoryError:
        raise
    # A family that cannot be read this way says so in its own words, by whatever error.
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return "" if found <= allowed else f"log-probabilities differ by {found:.2g}, allowed {allowed:g}"


def _can_pack(backend: "StandardBackend", rows: list[Row]) -> bool:
    """Whether answers packed into one row score as those in rows of their own.

    A window of attention longer than the probe's prompts would not be noticed: such networks never pack.
    """
    config = backend.network.config.get_text_config()
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    if layers != {"full_attention"} or getattr(config, "sliding_window", None):
        return False
    return not _objection(backend, lambda: _packing_changes(backend, rows))


def _packing_changes(backend: "StandardBackend", rows: list[Row]) -> float:
    scores = []
    for backend.packs_answers in (False, True):
        scores.append(score_answers(backend, _prefix(backend, rows)))
    return float((scores[0] - scores[1]).abs().max())


def _refuse_unreadable(backend: "StandardBackend", rows: list[Row]) -> None:
    """A token without an embedding is an error of the device, after which a GPU is lost to the process."""
    known = int(cast(Any, backend.network.get_input_embeddings()).num_embeddings)
    used = {token for row in rows for token in row.ids} | {t for answer in backend.answers for t in answer}
    image = backend.vocabulary.image
    if any(image not in row.ids for row in rows):
        raise UnsupportedCheckpoint("the processor writes no place for the photograph into the prompt")
    if (largest := max(used - {image})) >= known:
        raise UnsupportedCheckpoint(f"the tokenizer writes token {largest}, the network knows {known}")


def _generated(backend: "StandardBackend", image: Image.Image, clinical: Clinical) -> tuple[Tensor, Tensor]:
    """Tokens (STEPS) and log-probabilities (STEPS, V) of `generate` for one row."""
    network: Any = backend.network
    inputs = backend.inputs(image, backend.prompt(clinical))
    inputs.pop("labels", None)
    steps = GenerationConfig(
        do_sample=False,
        max_new_tokens=STEPS,
        min_new_tokens=STEPS,
        pad_token_id=backend.vocabulary.pad,
        eos_token_id=sorted(backend.vocabulary.ends) or None,
        output_logits=True,
        return_dict_in_generate=True,
    )
    out = network.generate(**backend.reader.placed(inputs), generation_config=steps)
    logits = torch.stack(out.logits, dim=1)[0]
    return out.sequences[0, -STEPS:], logits.float().log_softmax(-1)


def _difference(backend: "StandardBackend", rows: list[Row], truths: list[tuple[Tensor, Tensor]]) -> float:
    """The largest difference over both rows, all steps and the likeliest candidates."""
    prefix = _prefix(backend, rows)
    prefix.cache.batch_repeat_interleave(2)
    written = torch.stack([tokens for tokens, _ in truths])[:, :-1].repeat_interleave(2, 0)
    longer = torch.cat([prefix.attention.repeat_interleave(2, 0), torch.ones_like(written)], dim=1)
    further = backend.advance(written, longer, prefix.cache).float().log_softmax(-1)
    given = torch.cat([prefix.next_token[:, None], further[1::2]], dim=1)
    true = torch.stack([scores for _, scores in truths])
    likeliest = true.topk(min(LIKELIEST, true.shape[-1])).indices
    return float((given.gather(-1, likeliest) - true.gather(-1, likeliest)).abs().max())


def _prefix(backend: "StandardBackend", rows: list[Row]) -> Prefix:
    device = backend.network.device
    ids, attention = left_padded([row.ids for row in rows], backend.vocabulary.pad)
    pictures = {name: torch.cat([row.pictures[name] for row in rows]).to(device) for name in rows[0].pictures}
    return backend.prefill(ids.to(device), attention.to(device), pictures)


def _drawn(size: tuple[int, int]) -> Image.Image:
    """A picture with gradients in every direction."""
    linear, radial = Image.linear_gradient("L"), Image.radial_gradient("L")
    return Image.merge("RGB", [linear, radial, linear.rotate(90)]).resize(size)
