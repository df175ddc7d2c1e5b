"""Low-rank updates of MpoxVLM's decoder: attached, saved, loaded, merged. The towers and projectors stay.

peft is imported when it is needed: who only reads cases does without it.
"""

from pathlib import Path
from typing import Any, cast

from vlm.errors import BrokenCheckpoint
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration

# Both towers have layers of the same names: the whole path is needed.
TARGETS = (
    r"model\.language_model\.layers\.\d+\."
    r"(self_attn\.(q_proj|k_proj|v_proj|o_proj)|mlp\.(gate_proj|up_proj|down_proj))"
)
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


def freeze_clip(network: MpoxVLMForConditionalGeneration) -> None:
    """Train all but the CLIP tower, which stays as it was pre-trained."""
    network.requires_grad_(True)
    network.model.vision_tower.requires_grad_(False)


def attach(
    network: MpoxVLMForConditionalGeneration, rank: int = 16, alpha: int = 32, dropout: float = 0.05
) -> Any:
    """The network, in place, with updates of `rank` on every linear of the decoder, the only ones to train.

    They start as no change. Their first half is drawn at random: seed torch before.
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=TARGETS)
    return get_peft_model(network, config)


def save(adapted: Any, folder: Path) -> None:
    """Write the updates alone, with their configuration, into `folder`."""
    # peft would otherwise look for the base's vocabulary at the place it was loaded from.
    adapted.save_pretrained(folder, save_embedding_layers=False)


def load(network: MpoxVLMForConditionalGeneration, folder: Path, trainable: bool = False) -> Any:
    """The network, in place, with the updates of `folder`; without `trainable` none of it is.

    Raises `BrokenCheckpoint` where files are missing, change more than the decoder's linears or belong to
    another network, which is then as it was.
    """
    from peft import get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict

    adapted = get_peft_model(network, _config(folder, trainable))
    tensors = _tensors(folder)
    expected = {name: value.shape for name, value in get_peft_model_state_dict(adapted).items()}
    if {name: value.shape for name, value in tensors.items()} != expected:
        adapted.unload()
        raise BrokenCheckpoint(
            f"{folder / WEIGHTS} does not fit this network: give the base that the updates were trained on"
        )
    set_peft_model_state_dict(adapted, tensors)
    return adapted


def merge(adapted: Any) -> MpoxVLMForConditionalGeneration:
    """The plain network with the updates added to its weights; the adapted one is of no use afterwards.

    Raises `ValueError` where an update is not finite.
    """
    return cast(MpoxVLMForConditionalGeneration, adapted.merge_and_unload(safe_merge=True))


def _config(folder: Path, trainable: bool) -> Any:
    from peft import LoraConfig

    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise BrokenCheckpoint(f"{folder} holds no {name}: fetch the folder again")
    try:
        config = LoraConfig.from_pretrained(str(folder))
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenCheckpoint(f"{folder / CONFIG} cannot be read ({error}): fetch the file again") from None
    if config.target_modules != TARGETS or config.modules_to_save or config.bias != "none":
        raise BrokenCheckpoint(
            f"{folder / CONFIG}: target_modules, modules_to_save or bias: the updates change more or other "
            "than the decoder's linears; give updates that were attached here"
        )
    config.inference_mode = not trainable
    return config


def _tensors(folder: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(folder / WEIGHTS)
    except SafetensorError as error:
        raise BrokenCheckpoint(f"{folder / WEIGHTS} cannot be read ({error}): fetch the file again") from None
