"""Whether a model is what it says it is, and reads alike alone and in a batch. Knows no case."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from triage.clinical import Clinical
from triage.example import example_clinical
from triage.findings import CONDITIONS, Findings
from vlm.loading import BUNDLED
from vlm.model import Model
from vlm.presentation import Presentation
from vlm.provenance import KEYS
from vlm.provenance_files import differences, manifest_of
from vlm.weights import revision_of, weight_files

TOLERANCE = 1e-4


class Check(NamedTuple):
    """One line of a verification."""

    name: str
    passed: bool
    detail: str


def folder_of(ref: str) -> Path | None:
    """The folder of a reference; None for a model without one."""
    folder = BUNDLED if ref in ("", "bundled") else Path(ref)
    return (
        folder if (folder / "config.json").is_file() or (folder / "adapter_config.json").is_file() else None
    )


def check_files(ref: str) -> Iterator[Check]:
    """The folder's manifest, and that every weight of the files has its place in the network."""
    folder = folder_of(ref)
    if folder is None:
        yield Check("manifest", True, "a model without a folder has no files")
        return
    try:
        listed = manifest_of(folder)
    except ValueError as error:
        yield Check("manifest", False, str(error))
    else:
        found = differences(folder, listed)
        said = f"{len(listed)} files as listed" if listed else "the folder has no manifest"
        yield Check("manifest", not found, "; ".join(found) or said)
    yield _strict(folder)


def check_hash(ref: str, model: Model, against: str | None) -> Check:
    """The weights hash now, beside the one given and the one that the loaded model states."""
    folder = folder_of(ref)
    # With a LoRA or a tower of its own the model's revision covers several folders.
    known = {model.revision, *({revision_of(folder)} if folder and weight_files(folder) else ())}
    if against and against.lower() not in known:
        return Check("weights hash", False, f"{model.revision}, expected {against.lower()}")
    return Check("weights hash", True, model.revision)


def check_provenance(model: Model) -> Check:
    """Every key of the table is stated."""
    lacking = [key for key in KEYS if key not in model.provenance]
    return Check("provenance", not lacking, f"lacks {', '.join(lacking)}" if lacking else f"{len(KEYS)} keys")


def check_reading(model: Model) -> Check:
    """A plain picture read alone and in a batch: same text, findings within 1e-4."""
    clinical = Clinical.model_validate(example_clinical())
    plain = Presentation((Image.new("RGB", (320, 240), "grey"),), clinical)
    other = Presentation((Image.linear_gradient("L").convert("RGB"),), clinical)
    alone, together = model.assess([plain])[0], model.assess([other, plain])[1]
    apart = furthest(alone, together)
    same = apart <= TOLERANCE and alone.explanation == together.explanation
    text = "same text" if alone.explanation == together.explanation else "another text"
    return Check("self test", same, f"alone and in a batch: {text}, probabilities within {apart:.1e}")


def furthest(one: Findings, other: Findings) -> float:
    """The largest difference of a condition's probability."""
    return max(abs(one.probability_of(c) - other.probability_of(c)) for c in CONDITIONS)


def _strict(folder: Path) -> Check:
    from transformers import AutoConfig, AutoModelForImageTextToText
    from transformers.utils import logging

    import vlm.mpoxvlm.architecture  # noqa: F401 - registers its configuration

    logging.disable_progress_bar()
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        loader: Any = AutoModelForImageTextToText
        _, report = loader.from_pretrained(
            folder, config=config, local_files_only=True, output_loading_info=True
        )
    # Of an original LLaVA checkpoint transformers knows nothing; its own loader maps every key or refuses.
    # Broken files make transformers raise whatever Python has: that is a finding about the folder.
    except Exception as error:  # noqa: BLE001
        if (folder / "adapter_config.json").is_file() or "model type" in str(error):
            return Check(
                "strict", True, "left to the loader of original checkpoints, which refuses other keys"
            )
        return Check("strict", False, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
    odd = [f"{len(report[kind])} {kind}" for kind in ("missing_keys", "unexpected_keys") if report[kind]]
    return Check("strict", not odd, ", ".join(odd) or "no missing and no unexpected key")
