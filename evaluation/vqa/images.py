"""The images of a csv below a folder: found, read once, decoded upright."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image, ImageOps

from evaluation.errors import EvaluationError
from evaluation.vqa.rows import Asked

# So many missing images are named in an error.
NAMED = 5


@dataclass(frozen=True)
class Images:
    """Images by the path a csv gives them.

    Published files begin their paths with folders of their authors' (`dataset/bk5_630.png`): leading folders
    are dropped until a file is found.
    """

    folder: Path

    def find(self, image: str) -> Path | None:
        """The file, never outside the folder; None where there is none."""
        parts = [part for part in PurePosixPath(image).parts if part not in ("/", ".")]
        if not parts or ".." in parts:
            return None
        ways = (self.folder.joinpath(*parts[start:]) for start in range(len(parts)))
        return next((way for way in ways if way.is_file()), None)

    def read(self, asked: Asked) -> tuple[Image.Image, str]:
        """The picture in RGB, and the SHA-256 of its file."""
        file = self.find(asked.image)
        if file is None:
            raise EvaluationError(f"row {asked.row}: {asked.image} is not below {self.folder}")
        content = file.read_bytes()
        try:
            with Image.open(io.BytesIO(content)) as opened:
                picture = ImageOps.exif_transpose(opened).convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise EvaluationError(
                f"row {asked.row}: {file} is no whole image ({error}): fetch it again or drop the row"
            ) from None
        return picture, hashlib.sha256(content).hexdigest()

    def check(self, rows: Iterator[Asked]) -> int:
        """How many rows there are. Raises `EvaluationError` where images are missing, and names some."""
        count, missing = 0, 0
        named: list[str] = []
        for asked in rows:
            count += 1
            if self.find(asked.image) is None:
                missing += 1
                if missing <= NAMED:
                    named.append(f"row {asked.row}: {asked.image}"[:200])
        if missing:
            more = f" and {missing - NAMED} more" if missing > NAMED else ""
            raise EvaluationError(
                f"{missing} of {count} images are not below {self.folder} ({'; '.join(named)}{more}): "
                "give the folder with --images"
            )
        return count
