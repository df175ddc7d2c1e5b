"""From a claim to presentations: photographs fetched, decoded, upright, bounded in size."""

from io import BytesIO

import structlog
from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError

from db.image_store import ImageStore
from db.orientation import turned_upright
from db.queue import Claim, ClaimedCase, StoredImage
from triage import Clinical
from vlm import Presentation
from worker.batches import Batch, Shown

log = structlog.get_logger()


class Unreadable(Exception):
    """This case cannot be shown to a model: a photograph is missing or broken. Carries no patient data."""


def decode(data: bytes, orientation: int, longest_side: int) -> Image.Image:
    """An upright RGB photograph, its longer side at most `longest_side` pixels.

    Raises Unreadable when the bytes are no whole photograph.
    """
    try:
        with Image.open(BytesIO(data)) as image:
            # A JPEG can be decoded at half, a quarter or an eighth of its size, which saves time and memory.
            image.draft("RGB", (longest_side, longest_side))
            image.load()
            decoded = image if image.mode == "RGB" else image.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable(f"a photograph cannot be decoded ({type(error).__name__})") from None
    if max(decoded.size) > longest_side:
        decoded.thumbnail((longest_side, longest_side))
    return turned_upright(decoded, orientation)


class Loader:
    """Loads claims from one image store."""

    def __init__(self, store: ImageStore, longest_side: int) -> None:
        self.store = store
        self.longest_side = longest_side

    def load(self, claim: Claim) -> Batch:
        """The batch of a claim; a case that cannot be loaded is set apart, it does not stop the others.

        Raises what the image store raises when it cannot be reached: that is no fault of a case.
        """
        shown: list[Shown] = []
        unreadable = []
        for case in claim.cases:
            try:
                shown.append(Shown(case.id, self._presentation(case)))
            except Unreadable as fault:
                log.warning("case_unreadable", case_id=str(case.id), fault=str(fault))
                unreadable.append(case.id)
        return Batch(claim.token, claim.suspect, tuple(shown), tuple(unreadable))

    def _presentation(self, case: ClaimedCase) -> Presentation:
        if not case.images:
            raise Unreadable("the case has no photograph")
        try:
            clinical = Clinical.model_validate(case.clinical)
        except ValidationError:
            raise Unreadable("the clinical information does not fit its schema") from None
        return Presentation(tuple(self._photograph(case, image) for image in case.images), clinical)

    def _photograph(self, case: ClaimedCase, image: StoredImage) -> Image.Image:
        try:
            data = self.store.get(case.platform_id, image.sha256)
        except FileNotFoundError:
            raise Unreadable("a photograph is missing from the image store") from None
        return decode(data, image.orientation, self.longest_side)
