"""A model without torch for tests, benches and chaos runs: it takes a set time and invents its findings.

Reference: `simulated:batch_ms=50,case_ms=2,load_ms=9,raise_on=WORD,kill_on=WORD`; every option may be
left out. Its findings follow from the pixels alone: same photograph, same answer. Provenance says
`simulated: true`.
"""

import hashlib
import os
import signal
import time
from collections.abc import Sequence

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.findings import CONDITION_NAMES, CONDITIONS, Finding, Findings, ImageQuality
from vlm.errors import SimulatedFault, UnknownModel
from vlm.model import Provenance
from vlm.presentation import Presentation
from vlm.provenance import complete

PREFIX = "simulated"


class SimulatedOptions(BaseModel):
    """How long the simulated model takes and which free text makes it fail."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_ms: float = Field(default=0, ge=0, description="Milliseconds for each call of assess")
    case_ms: float = Field(default=0, ge=0, description="Milliseconds for each presentation")
    load_ms: float = Field(default=0, ge=0, description="Milliseconds until it is loaded")
    raise_on: str = Field(default="", description="A word of the free text that makes the call raise")
    kill_on: str = Field(default="", description="A word of the free text that kills the process")


def load(ref: str, device: str) -> "SimulatedModel":
    """The model of a `simulated:...` reference. It computes nothing, so the device does not matter."""
    model = SimulatedModel.from_reference(ref)
    time.sleep(model.options.load_ms / 1000)
    return model


class SimulatedModel:
    """Keeps the promises of `Model` except knowledge of skin."""

    device = "cpu"

    def __init__(self, options: SimulatedOptions) -> None:
        self.options = options
        self.revision = hashlib.sha256(options.model_dump_json().encode()).hexdigest()
        self.provenance: Provenance = complete(
            {
                "model": PREFIX,
                "version": "1",
                "simulated": True,
                "weights_sha256": self.revision,
                "device": self.device,
                "notice": "simulated findings, not for clinical use",
            }
        )

    @classmethod
    def from_reference(cls, reference: str) -> "SimulatedModel":
        """Raises `UnknownModel` for options that do not exist or have no sense."""
        _, _, text = reference.partition(":")
        pairs = (pair.partition("=") for pair in text.split(",") if pair)
        try:
            return cls(SimulatedOptions.model_validate({key: value for key, _, value in pairs}))
        except ValidationError as error:
            raise UnknownModel(f"{reference!r} has an option the simulated model lacks: {error}") from error

    def assess(self, presentations: Sequence[Presentation]) -> list[Findings]:
        """Sleep `batch_ms + case_ms * n`, then answer. The configured faults come first."""
        for presentation in presentations:
            self._fail_where_told(presentation.clinical.free_text)
        time.sleep((self.options.batch_ms + self.options.case_ms * len(presentations)) / 1000)
        return [self._findings(presentation) for presentation in presentations]

    def _fail_where_told(self, free_text: str) -> None:
        if self.options.kill_on and self.options.kill_on in free_text:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.options.raise_on and self.options.raise_on in free_text:
            raise SimulatedFault("the simulated model was told to raise on this presentation")

    def _findings(self, presentation: Presentation) -> Findings:
        digest = b"".join(_digest(image) for image in presentation.images)
        weights = [1 + byte for byte in hashlib.sha256(digest).digest()[: len(CONDITIONS)]]
        findings = tuple(
            sorted(
                (
                    Finding(condition=condition, probability=weight / sum(weights))
                    for condition, weight in zip(CONDITIONS, weights, strict=True)
                ),
                key=lambda finding: -finding.probability,
            )
        )
        return Findings(
            findings=findings,
            classifier=findings,
            explanation=f"Simulated answer: {CONDITION_NAMES[findings[0].condition]}.",
            image_quality=tuple(ImageQuality() for _ in presentation.images),
            provenance=self.provenance,
        )


def _digest(image: Image.Image) -> bytes:
    """A hash of 32 x 32 sampled pixels: cheap enough not to show in a bench."""
    return hashlib.sha256(image.convert("RGB").resize((32, 32), Image.Resampling.NEAREST).tobytes()).digest()
