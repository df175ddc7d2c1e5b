"""The tensors of a folder's weight files, one file at a time; no code in a file is ever run."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from vlm.errors import BrokenCheckpoint

INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SINGLE = ("model.safetensors", "pytorch_model.bin")


def shards(folder: Path) -> list[Path]:
    """The files that hold the weights. Raises `BrokenCheckpoint` naming one that is missing."""
    for name in INDEXES:
        if (folder / name).is_file():
            files = [folder / shard for shard in sorted(set(promised(folder / name).values()))]
            for file in files:
                if not file.is_file():
                    raise BrokenCheckpoint(f"{file} is missing, but {name} lists it: fetch the file again")
            return files
    for name in SINGLE:
        if (folder / name).is_file():
            return [folder / name]
    raise BrokenCheckpoint(
        f"{folder} holds no weights ({', '.join(SINGLE)} or shards with an index): fetch it again"
    )


def promised(index: Path) -> dict[str, str]:
    """Which file holds which tensor, as the index says."""
    try:
        return dict(json.loads(index.read_text())["weight_map"])
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenCheckpoint(f"{index} is no index of weights ({error}): fetch the file again") from None


def tensors_of(folder: Path) -> Iterator[dict[str, Tensor]]:
    """The tensors of each file in turn. Raises `BrokenCheckpoint` where the index promises others."""
    files = shards(folder)
    index = next((folder / name for name in INDEXES if (folder / name).is_file()), None)
    expected = promised(index) if index else {}
    for file in files:
        tensors = read(file)
        lacking = sorted(key for key, name in expected.items() if name == file.name and key not in tensors)
        if lacking:
            raise BrokenCheckpoint(
                f"{file} lacks {lacking[0]!r}, which the index promises: fetch the file again"
            )
        yield tensors


def widest(folder: Path) -> torch.dtype:
    """The precision that holds every floating tensor of the folder's files without rounding."""
    found = {dtype for file in shards(folder) for dtype in _dtypes(file)}
    return found.pop() if len(found) == 1 else torch.float32


def _dtypes(file: Path) -> set[torch.dtype]:
    if file.suffix != ".safetensors":
        return {tensor.dtype for tensor in read(file).values() if tensor.is_floating_point()}
    kept = {"F16": torch.float16, "BF16": torch.bfloat16}
    try:
        with safe_open(file, "pt") as opened:
            names = {str(opened.get_slice(key).get_dtype()) for key in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise _damaged(file, error) from None
    return {kept.get(name, torch.float32) for name in names if "F" in name}


def _damaged(file: Path, error: Exception) -> BrokenCheckpoint:
    return BrokenCheckpoint(f"{file} is cut short or damaged ({str(error)[:120]}): fetch the file again")


def read(file: Path) -> dict[str, Tensor]:
    """All tensors of one file. Raises `BrokenCheckpoint` where it is missing, cut short or holds code."""
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        return dict(torch.load(file, map_location="cpu", weights_only=True))
    except FileNotFoundError:
        raise BrokenCheckpoint(f"{file} is missing: fetch the whole folder again") from None
    except pickle.UnpicklingError as error:
        raise BrokenCheckpoint(
            f"{file} holds something other than tensors, perhaps code, and is not opened "
            f"({str(error).splitlines()[0][:120]}): get the weights as safetensors from a source you trust"
        ) from None
    except (SafetensorError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise _damaged(file, error) from None
