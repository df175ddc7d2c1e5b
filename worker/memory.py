"""Whether two models find room on one device, and how the room of one that has gone is given back."""

import gc
import sys
from pathlib import Path

from vlm.loading import BUNDLED
from vlm.weights import weight_files

# What a network needs beside its weights: buffers, and parts in other folders, such as a vision tower.
FACTOR = 1.3
BESIDE_BYTES = 2 << 30


def both_fit(ref: str, device: str) -> bool:
    """False where the model of `ref` may find no room beside what already lies on a CUDA device.

    `device` as in `vlm.load`. Judged by the size of the files; for a LoRA folder, whose base lies elsewhere,
    always False. In main memory the operating system finds room.
    """
    folder = BUNDLED if ref == "bundled" else Path(ref)
    if device == "cpu" or not folder.is_dir():
        return True  # a remote or simulated model takes none
    from vlm.devices import place

    where = place(device)
    if where.type != "cuda":
        return True
    if (folder / "adapter_config.json").is_file():
        return False
    size = sum(file.stat().st_size for file in weight_files(folder))
    return size * FACTOR + BESIDE_BYTES < _free_bytes(str(where))


def _free_bytes(device: str) -> int:
    import torch

    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + unused


def give_back_memory() -> None:
    """Return to the device what no model holds any more; networks lie in cycles that only gc finds."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
