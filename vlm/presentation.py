"""What a model is shown of a case: photographs and clinical information, and no identity."""

from dataclasses import dataclass

from PIL import Image

from triage.clinical import Clinical

NOBODY = "-"


@dataclass(frozen=True)
class Presentation:
    """One case as a model sees it.

    `images` are decoded, upright RGB photographs in the order they were submitted (at least one).
    `clinical` is kept without the platform's `patient_ref`: no model ever sees who it is.
    """

    images: tuple[Image.Image, ...]
    clinical: Clinical

    def __post_init__(self) -> None:
        """Drop the identity. Raises ValueError when there is nothing to look at."""
        if not self.images:
            raise ValueError("a presentation has at least one image")
        object.__setattr__(self, "clinical", self.clinical.model_copy(update={"patient_ref": NOBODY}))
