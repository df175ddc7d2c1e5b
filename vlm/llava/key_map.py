"""Names of tensors: from the original's to those of transformers."""

from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint

TOWER = "model.vision_tower.vision_tower.vision_model."
PROJECTOR = "model.mm_projector."


def standard_key(key: str, linears: int) -> str:
    """The name in transformers' classes. Raises for a name that does not belong to an original checkpoint."""
    if key.startswith("model.image_newline"):
        raise UnsupportedCheckpoint(f"tensor {key!r}: photographs in tiles (LLaVA 1.6) are not read")
    if key == "lm_head.weight":
        return key
    if key.startswith(TOWER):
        return "model.vision_tower." + key.removeprefix(TOWER)
    if key.startswith(PROJECTOR):
        return _projector_key(key.removeprefix(PROJECTOR), linears)
    if key.startswith(("model.embed_tokens.", "model.layers.", "model.norm.")):
        return "model.language_model." + key.removeprefix("model.")
    raise BrokenCheckpoint(
        f"unexpected tensor {key!r}: the files are not of this model; fetch the folder again"
    )


def _projector_key(rest: str, linears: int) -> str:
    place, _, kind = rest.rpartition(".")
    if linears > 2:
        return f"model.multi_modal_projector.{rest}"
    number = int(place) // 2 + 1 if place else 1
    return f"model.multi_modal_projector.linear_{number}.{kind}"
