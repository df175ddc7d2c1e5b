"""The files of a model folder: sizes, hashes, parameters, and whether they are what a manifest says.

A manifest is `SHA256SUMS` as `sha256sum` writes it, or `import_report.json` as the import of an original
checkpoint leaves it. Reads files only; loads no network.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vlm.weights import sha256_of

SUMS, REPORT = "SHA256SUMS", "import_report.json"


@dataclass(frozen=True)
class FileFacts:
    """One file: name within the folder, bytes, SHA-256."""

    name: str
    size: int
    sha256: str


def files_of(folder: Path) -> list[FileFacts]:
    """Every file of the folder itself, by name."""
    files = sorted(file for file in folder.iterdir() if file.is_file())
    return [FileFacts(file.name, file.stat().st_size, sha256_of(file)) for file in files]


def manifest_of(folder: Path) -> dict[str, str]:
    """SHA-256 by file name, of every manifest that the folder has; empty without one.

    Raises ValueError, naming the file, for a manifest that cannot be read.
    """
    listed: dict[str, str] = {}
    if (folder / SUMS).is_file():
        listed |= _sums(folder / SUMS)
    if (folder / REPORT).is_file():
        listed |= _report(folder / REPORT)
    return listed


def differences(folder: Path, listed: dict[str, str]) -> list[str]:
    """What is missing or changed since the manifest was written; empty when all is as listed."""
    found = []
    for name, digest in listed.items():
        file = folder / name
        if not file.is_file():
            found.append(f"{name} is missing")
        elif (now := sha256_of(file)) != digest.lower():
            found.append(f"{name} has {now[:12]}, the manifest {digest[:12]}")
    return found


def _sums(file: Path) -> dict[str, str]:
    """Lines of a digest, one space, a space or an asterisk, and the name."""
    pairs = [line.split(maxsplit=1) for line in file.read_text().splitlines() if line.strip()]
    if any(len(pair) != 2 or len(pair[0]) != 64 for pair in pairs):
        raise ValueError(f"{file} is not as sha256sum writes it")
    return {name.removeprefix("*"): digest for digest, name in pairs}


def _report(file: Path) -> dict[str, str]:
    """Its object `sha256`: digests by the names of files that the import wrote."""
    try:
        listed: Any = json.loads(file.read_text()).get("sha256", {})
        return {str(name): str(digest) for name, digest in listed.items()}
    except (ValueError, AttributeError):
        raise ValueError(f"{file} is no report of an import: import the checkpoint again") from None
