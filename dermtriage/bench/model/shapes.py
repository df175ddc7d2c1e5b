"""Random networks in the shape of known ones, for measuring only: what they say means nothing.

Built on the device itself in their precision: 7B parameters never pass through the host's memory.
"""

from pathlib import Path
from typing import Any, Literal, cast

import torch
from transformers import (
    CLIPVisionConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    MistralConfig,
    PreTrainedTokenizerFast,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from vlm.loading import BUNDLED
from vlm.mpoxvlm.processor import fast_tokenizer, processor_of
from vlm.mpoxvlm.sizes import random_model
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer

Shape = Literal["7b", "tiny"]

# LLaVA-1.5's form: no system turn.
TEMPLATE = (
    "{% for message in messages %}{{ message['role'].upper() }}: "
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>\n{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %} {% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


def random_llava(shape: Shape, device: torch.device, dtype: torch.dtype) -> LlavaForConditionalGeneration:
    """CLIP, a projector of two layers and a Mistral, in evaluation mode; the same weights each time."""
    vision: Any = _vision(shape)
    text = _text(shape)
    patches = (vision.image_size // vision.patch_size) ** 2
    config = cast(Any, LlavaConfig)(
        vision_config=vision, text_config=text, image_token_id=_tokenizer().convert_tokens_to_ids("<image>"),
        image_seq_length=patches, vision_feature_layer=-2, vision_feature_select_strategy="default",
    )  # fmt: skip
    torch.manual_seed(0)
    with torch.device(device):
        network = LlavaForConditionalGeneration._from_config(config, dtype=dtype, attn_implementation="sdpa")
    return cast(LlavaForConditionalGeneration, network.eval())


def processor_for(shape: Shape) -> LlavaProcessor:
    """CLIP's pictures, the bundled model's words: any tokenizer serves a network that knows no language."""
    vision: Any = _vision(shape)
    side = {"height": vision.image_size, "width": vision.image_size}
    pictures = CLIPImageProcessorPil(size={"shortest_edge": vision.image_size}, crop_size=side)
    return LlavaProcessor(
        image_processor=pictures,
        tokenizer=_tokenizer(),
        patch_size=vision.patch_size,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )


def save_random_mpoxvlm(folder: Path) -> None:
    """MpoxVLM `medium`, about 50M parameters: the bundled model's words, wider and deeper."""
    network = random_model("medium", seed=0)
    network.save_pretrained(folder)
    tokenizer = MpoxVLMTokenizer.from_folder(BUNDLED)
    processor_of(network.config, tokenizer).save_pretrained(folder)
    tokenizer.save(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    return fast_tokenizer(MpoxVLMTokenizer.from_folder(BUNDLED))


def _vision(shape: Shape) -> CLIPVisionConfig:
    """CLIP ViT-L/14 at 336 pixels, or four narrow layers."""
    if shape == "7b":
        return CLIPVisionConfig(
            hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16,
            image_size=336, patch_size=14, projection_dim=768,
        )  # fmt: skip
    return CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=2,
        image_size=56, patch_size=14, projection_dim=32,
    )  # fmt: skip


def _text(shape: Shape) -> MistralConfig:
    """Mistral-7B with room for the image token, or two narrow layers."""
    if shape == "7b":
        return MistralConfig(
            vocab_size=32_064, hidden_size=4096, intermediate_size=14_336, num_hidden_layers=32,
            num_attention_heads=32, num_key_value_heads=8, head_dim=128, max_position_embeddings=32_768,
            sliding_window=None,
        )  # fmt: skip
    return MistralConfig(
        vocab_size=1088, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=4096, sliding_window=None,
    )  # fmt: skip
