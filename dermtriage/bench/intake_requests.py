"""Submissions for the bench of intake, made before it begins: each with a photograph of its own."""

import json
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from random import Random

from PIL import Image, ImageFilter

from triage import example_clinical

BOUNDARY = b"bench-boundary"
PHOTOGRAPH_BYTES = 150_000
# Where JFIF says how dense the pixels lie: four bytes that change no pixel, and that are kept.
DENSITY = slice(14, 18)


@dataclass(frozen=True)
class Submission:
    """The body of one request, and the photograph in it."""

    number: int
    body: bytes

    @property
    def content_type(self) -> str:
        """The header that goes with the body."""
        return f"multipart/form-data; boundary={BOUNDARY.decode()}"


def submissions() -> "Submissions":
    """As many as are asked for."""
    return Submissions(photograph_of(PHOTOGRAPH_BYTES))


class Submissions:
    """Gives submissions that nobody sent before: a photograph sent twice would be stored once."""

    def __init__(self, photograph: bytes) -> None:
        self._photograph = photograph
        self._numbers = count(1)
        self._case = json.dumps(example_clinical()).encode()

    def take(self, how_many: int) -> list[Submission]:
        """The next ones."""
        return [self._make(next(self._numbers)) for _ in range(how_many)]

    def _make(self, number: int) -> Submission:
        photograph = bytearray(self._photograph)
        photograph[DENSITY] = number.to_bytes(4, "big")
        parts = (
            (b'name="case"', self._case),
            (b'name="images"; filename="photo.jpg"\r\nContent-Type: image/jpeg', bytes(photograph)),
        )
        body = b"".join(
            b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (BOUNDARY, head, data)
            for head, data in parts
        )
        return Submission(number, body + b"--%b--\r\n" % BOUNDARY)


def photograph_of(size: int) -> bytes:
    """A JPEG of a camera's proportions with about `size` bytes: noise, softened until it fits."""
    chance = Random(1)  # noqa: S311 - the same picture each time, not a secret
    side = (1280, 960)
    noise = Image.frombytes("RGB", side, chance.randbytes(3 * side[0] * side[1]))
    picture = noise.filter(ImageFilter.GaussianBlur(3))
    for quality in range(95, 20, -1):
        file = BytesIO()
        picture.save(file, "JPEG", quality=quality)
        if len(file.getvalue()) <= size:
            break
    return file.getvalue()
