"""The networks that are measured, each with what the three ways need of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, cast, get_args

from transformers import AutoProcessor, LlavaForConditionalGeneration, ProcessorMixin

from dermtriage.bench.model.shapes import (
    Shape,
    processor_for,
    random_llava,
    save_random_mpoxvlm,
)
from vlm import ModelError, load
from vlm.devices import dtype_for, place
from vlm.engine.assessor import Assessor
from vlm.engine.backend import Backend
from vlm.loading import BUNDLED
from vlm.settings import VlmSettings
from vlm.standard.backend import StandardBackend

Size = Literal["bundled", "50m", "7b", "tiny"]
SIZES: tuple[Size, ...] = get_args(Size)

# A network that knows no language never ends its text: so many tokens, about what the bundled model writes.
RANDOM_EXPLANATION = 32
# What takes one case at a time gets fewer of them where each takes seconds.
FEW = 4
ALL = 1_000_000


@dataclass(frozen=True)
class Subject:
    """One network: `model` as it ships, `plain` without the clinician's signals, both on one backend."""

    name: str
    model: Assessor
    plain: Assessor
    backend: Backend
    processor: ProcessorMixin
    cases_alone: int = ALL

    @property
    def counts_prefill(self) -> bool:
        """True where the operations of reading a prompt are known: LLaVA's own shape."""
        return type(self.backend.network) is LlavaForConditionalGeneration


@contextmanager
def subject(size: Size, device: str) -> Iterator[Subject]:
    """The bundled model, a random MpoxVLM of 50M parameters, or a random LLaVA (`7b`, `tiny`)."""
    if size == "bundled":
        yield from_folder("bundled", BUNDLED, device)
    elif size == "50m":
        with TemporaryDirectory(prefix="dermtriage-bench-") as folder:
            yield _random_mpoxvlm(Path(folder), device)
    else:
        yield random_llava_subject(size, device)


def from_folder(name: str, folder: Path, device: str) -> Subject:
    """A local model folder. Raises `ModelError` for a model that this machine does not compute."""
    model = load(folder, device)
    if not isinstance(model, Assessor):
        raise ModelError(f"{folder} is not computed by the assessment engine: nothing to compare with")
    return _subject(name, model.backend, AutoProcessor.from_pretrained(folder))


def random_llava_subject(shape: Shape, device: str) -> Subject:
    """Built on the device itself, in the precision that the product would choose there."""
    where = place(device)
    network = random_llava(shape, where, dtype_for(where, VlmSettings()))
    processor = processor_for(shape)
    described = {"model": "llava", "version": f"random {shape}", "weights_sha256": "0" * 64}
    backend = StandardBackend(network, processor, described)
    return _subject(shape, _shortened(backend), processor, cases_alone=FEW)


def _random_mpoxvlm(folder: Path, device: str) -> Subject:
    save_random_mpoxvlm(folder)
    made = from_folder("50m", folder, device)
    return _subject("50m", _shortened(made.backend), made.processor, cases_alone=FEW)


def _shortened(backend: Backend) -> Backend:
    cast(Any, backend).longest_explanation = RANDOM_EXPLANATION
    return backend


def _subject(name: str, backend: Backend, processor: ProcessorMixin, cases_alone: int = ALL) -> Subject:
    settings = VlmSettings()
    without = settings.model_copy(update={"vlm_image_dependence": 0.0, "vlm_saliency": False})
    return Subject(
        name, Assessor(backend, settings), Assessor(backend, without), backend, processor, cases_alone
    )
