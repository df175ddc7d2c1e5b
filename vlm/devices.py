"""Where a network computes and in which precision."""

import os

import torch

from vlm.settings import VlmSettings

MOST_PREPARING = 8


def place(device: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)


def dtype_for(device: torch.device, settings: VlmSettings) -> torch.dtype:
    """What `VLM_DTYPE` says; by default the widest that the device computes fast."""
    if settings.vlm_dtype != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[
            settings.vlm_dtype
        ]
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def preparing_threads(device: torch.device) -> int:
    """Threads that make photographs ready beside a network: 0 where they would fight it for the cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    spare = cores if device.type != "cpu" else cores - torch.get_num_threads()
    # The thread that computes waits while the first photographs are made ready: its core serves them too.
    return min(spare + 1, MOST_PREPARING) if spare > 0 else 0
