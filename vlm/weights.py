"""The files that hold a model's weights, and the hash that names them in every assessment."""

import hashlib
from pathlib import Path

PATTERNS = ("*.safetensors", "*.bin")
CHUNK = 1 << 22


def weight_files(folder: Path) -> list[Path]:
    """Weights of a model folder, by name."""
    return sorted(file for pattern in PATTERNS for file in folder.glob(pattern) if file.is_file())


def revision_of(*folders: Path) -> str:
    """SHA-256 of the weights as hexadecimal digits: of the one file, else of all names and digests."""
    files = [file for folder in folders for file in weight_files(folder)]
    digests = {file: sha256_of(file) for file in files}
    if len(files) == 1:
        return digests[files[0]]
    lines = "".join(f"{file.name} {digest}\n" for file, digest in digests.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def sha256_of(file: Path) -> str:
    """SHA-256 of one file as hexadecimal digits."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
