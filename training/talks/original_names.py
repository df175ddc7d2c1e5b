"""Names of tensors: from those of transformers to the original's; the way back of `vlm.llava.key_map`."""

from torch import Tensor


def original_name(projector_name: str, linears: int) -> str:
    """`linear_2.weight` as `model.mm_projector.2.weight`; "" for the identity beside a single linear."""
    part, _, kind = projector_name.rpartition(".")
    if linears > 2:
        return f"model.mm_projector.{projector_name}"
    if linears == 1:
        return f"model.mm_projector.{kind}" if part == "linear_1" else ""
    return f"model.mm_projector.{0 if part == 'linear_1' else 2}.{kind}"


def original_updates(updates: dict[str, Tensor]) -> dict[str, Tensor]:
    """Low-rank updates of the decoder by the original's names, on the CPU."""
    return {
        name.replace("model.model.language_model.", "model.model.", 1): tensor.detach().cpu().contiguous()
        for name, tensor in updates.items()
    }
