"""Where a network computes and in which precision."""

import torch

from vlm.settings import VlmSettings


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
