"""An MpoxVLM put together from a CLIP, a lesion classifier and a Llama that someone has on disk.

The parts stay as they are, to the bit; between them stand new, random projectors. Such a model says nothing
of use before they are trained.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from vlm.errors import BrokenCheckpoint, ModelError, UnsupportedCheckpoint
from vlm.llava.replacing import replacing
from vlm.mpoxvlm import parts
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.image_processor import MpoxVLMImageProcessor
from vlm.mpoxvlm.processor import MpoxVLMProcessor


def assemble(
    clip: Path,
    lesion: Path,
    llama: Path,
    target: Path,
    *,
    patch_pooling: int = 1,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> MpoxVLMForConditionalGeneration:
    """Write the MpoxVLM of three folders to `target`, with its processor, whole or not at all; and return it.

    `seed` draws the projectors and, for a ViTMAE, the classifier's head. Takes memory for all parts in
    `dtype`. Raises `ModelError` with the remedy; `target` must not exist.
    """
    if target.exists():
        raise ModelError(f"{target} exists: give a folder that does not, so that nothing is overwritten")
    processor_parts = parts.llama_words(llama), parts.colours(clip), parts.colours(lesion)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = _network(
            parts.clip_tower(clip, dtype), parts.lesion_tower(lesion, dtype), parts.llama(llama, dtype),
            processor_parts[0], patch_pooling,
        )  # fmt: skip
    processor = _processor(network.config, *processor_parts)
    with replacing(target) as folder:
        network.save_pretrained(folder)
        processor.save_pretrained(folder)
    return network


def _network(clip: Any, lesion: Any, llama: Any, words: Any, pooling: int) -> MpoxVLMForConditionalGeneration:
    image = _with_image_row(llama, words)
    try:
        config = MpoxVLMConfig(
            vision_config=clip.config.to_dict(), lesion_config=lesion.config.to_dict(),
            text_config=llama.config.to_dict(), image_token_index=image, patch_pooling=pooling,
        )  # fmt: skip
    except ValueError as error:
        raise UnsupportedCheckpoint(f"the parts do not go together: {error}") from None
    # On no device: only the projectors are new, and 7B parameters would be drawn in vain.
    with torch.device("meta"):
        network: Any = MpoxVLMForConditionalGeneration._from_config(config, dtype=clip.dtype)
    network.model.vision_tower, network.model.lesion_classifier = clip, lesion
    network.model.language_model, network.lm_head = llama.model, llama.lm_head
    for projector in (network.model.multi_modal_projector, network.model.lesion_projector):
        projector.to_empty(device="cpu").apply(_drawn)
    made: MpoxVLMForConditionalGeneration = network.eval()
    return made


def _with_image_row(llama: Any, words: Any) -> int:
    """The token of `<image>`, whose rows are the mean of all others: its logit is never the greatest."""
    image, rows = int(words.convert_tokens_to_ids(words.image_token)), llama.config.vocab_size
    if image > rows:
        raise BrokenCheckpoint(
            f"the tokenizer knows {image} words and the Llama {rows}: they do not belong together; "
            "fetch the folder again"
        )
    if image == rows:
        llama.resize_token_embeddings(rows + 1, mean_resizing=False)
    with torch.no_grad():
        for table in (llama.get_input_embeddings().weight, llama.get_output_embeddings().weight):
            table[image] = torch.cat([table[:image], table[image + 1 :]]).float().mean(dim=0)
    return image


def _drawn(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _processor(
    config: Any, words: Any, clip: tuple[list[float], ...], lesion: tuple[list[float], ...]
) -> MpoxVLMProcessor:
    told: dict[str, Any] = {
        "size": config.vision_config.image_size, "image_mean": clip[0], "image_std": clip[1],
        "lesion_size": config.lesion_config.image_size,
        "lesion_image_mean": lesion[0], "lesion_image_std": lesion[1],
    }  # fmt: skip
    return MpoxVLMProcessor(MpoxVLMImageProcessor(**told), words, config.image_seq_length)
