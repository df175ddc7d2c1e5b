"""Tiny random models of several families: transformers' own classes, tokenizers and image processors.

Each function writes a folder as such models are published. Weights are drawn wide enough that a wrong
position or mask shows in the scores.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tests.vlm.drawn import clinical
from vlm.prompting import instruction

WORDS = [
    instruction.question(clinical()),
    *instruction.answers(),
    instruction.lead() + instruction.after_answer(),
]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] + ': ' }}"
    "{% for part in message['content'] %}"
    "{{ 'IMAGE' + newline if part['type'] == 'image' else part['text'] }}"
    "{% endfor %}{{ newline }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
).replace("newline", r"'\n'")
TEXT = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 4096,
    "initializer_range": 0.3,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "tie_word_embeddings": False,
}
SIGHT = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "patch_size": 14,
    "image_size": 56,
    "initializer_range": 0.3,
}
SQUARE = {"height": 56, "width": 56}


def tokenizer(image: str, *others: str, **named: str) -> Any:
    """A byte-level BPE of a few hundred pieces; `named` become attributes such as `boi_token`."""
    special = ["<pad>", "<s>", "</s>", image, *others, *named.values()]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        WORDS, trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    )
    return hf.PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        extra_special_tokens={"image_token": image, **named},
        chat_template=TEMPLATE.replace("IMAGE", named.get("boi_token", image)),
    )


def llava(folder: Path, decoder: Any = hf.LlamaConfig, **changes: Any) -> Any:
    """CLIP and Llama (or another decoder), one square picture."""
    words = tokenizer("<image>")
    config = hf.LlavaConfig(
        vision_config=hf.CLIPVisionConfig(**SIGHT),
        text_config=decoder(vocab_size=len(words), **TEXT | changes),
        image_token_id=words.image_token_id,
        image_seq_length=16,
    )
    processor = hf.LlavaProcessor(
        hf.CLIPImageProcessorPil(size={"shortest_edge": 56}, crop_size=SQUARE),
        words,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    return _written(folder, hf.LlavaForConditionalGeneration, config, processor)


def llava_next(folder: Path) -> Any:
    """As many tiles as the photograph's shape asks for."""
    words = tokenizer("<image>")
    pinpoints = [[56, 112], [112, 56], [112, 112], [168, 56]]
    config = hf.LlavaNextConfig(
        vision_config=hf.CLIPVisionConfig(**SIGHT),
        text_config=hf.LlamaConfig(vocab_size=len(words), **TEXT),
        image_token_id=words.image_token_id,
        image_grid_pinpoints=pinpoints,
    )
    processor = hf.LlavaNextProcessor(
        hf.LlavaNextImageProcessorPil(
            size={"shortest_edge": 56}, crop_size=SQUARE, image_grid_pinpoints=pinpoints
        ),
        words,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    return _written(folder, hf.LlavaNextForConditionalGeneration, config, processor)


def qwen2_vl(folder: Path) -> Any:
    """M-RoPE: positions in three channels, a photograph counts fewer than its tokens."""
    words = tokenizer("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>")
    of = words.convert_tokens_to_ids
    config = hf.Qwen2VLConfig(
        vision_config={"depth": 2, "embed_dim": 16, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2}
        | {"patch_size": 14, "initializer_range": 0.3},
        text_config={"vocab_size": len(words), "rope_parameters": _three_channels()} | TEXT,
        image_token_id=words.image_token_id,
        video_token_id=of("<|video_pad|>"),
        vision_start_token_id=of("<|vision_start|>"),
        vision_end_token_id=of("<|vision_end|>"),
    )
    images = hf.Qwen2VLImageProcessorPil(size={"shortest_edge": 56 * 56, "longest_edge": 140 * 140})
    return _written(folder, hf.Qwen2VLForConditionalGeneration, config, images, words)


def qwen2_5_vl(folder: Path) -> Any:
    """The same with windows of attention in the vision tower."""
    words = tokenizer("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>")
    of = words.convert_tokens_to_ids
    config = hf.Qwen2_5_VLConfig(
        vision_config={"depth": 2, "hidden_size": 16, "out_hidden_size": 32, "num_heads": 2}
        | {
            "intermediate_size": 32,
            "fullatt_block_indexes": [1],
            "window_size": 56,
            "initializer_range": 0.3,
        },
        text_config={"vocab_size": len(words), "rope_parameters": _three_channels()} | TEXT,
        image_token_id=words.image_token_id,
        video_token_id=of("<|video_pad|>"),
        vision_start_token_id=of("<|vision_start|>"),
        vision_end_token_id=of("<|vision_end|>"),
    )
    images = hf.Qwen2VLImageProcessorPil(size={"shortest_edge": 56 * 56, "longest_edge": 140 * 140})
    return _written(folder, hf.Qwen2_5_VLForConditionalGeneration, config, images, words)


def idefics3(folder: Path) -> Any:
    """Tiles in a dimension of their own, with a mask of the pixels."""
    grid = [f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)]
    words = tokenizer("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", *grid)
    config = hf.Idefics3Config(
        vision_config=SIGHT,
        text_config=hf.LlamaConfig(vocab_size=len(words), **TEXT),
        image_token_id=words.image_token_id,
        scale_factor=2,
    )
    processor = hf.Idefics3Processor(
        hf.Idefics3ImageProcessorPil(size={"longest_edge": 168}, max_image_size={"longest_edge": 56}),
        words,
        image_seq_len=4,
    )
    return _written(folder, hf.Idefics3ForConditionalGeneration, config, processor)


def paligemma(folder: Path) -> Any:
    """A prefix that sees itself in both directions; positions from one."""
    words = tokenizer("<image>")
    config = hf.PaliGemmaConfig(
        vision_config=hf.SiglipVisionConfig(**SIGHT | {"vision_use_head": False}),
        text_config=hf.GemmaConfig(vocab_size=len(words) + 1152, **TEXT),
        image_token_id=words.image_token_id,
        projection_dim=32,
        hidden_size=32,
    )
    images = hf.SiglipImageProcessorPil(size=SQUARE)
    images.image_seq_length = 16
    return _written(
        folder, hf.PaliGemmaForConditionalGeneration, config, hf.PaliGemmaProcessor(images, words)
    )


def gemma3(folder: Path) -> Any:
    """Windows of attention shorter than the prompt, and a picture that sees itself in both directions."""
    words = tokenizer("<image_soft_token>", boi_token="<start_of_image>", eoi_token="<end_of_image>")
    text = TEXT | {"sliding_window": 24, "layer_types": ["sliding_attention", "full_attention"]}
    config = hf.Gemma3Config(
        vision_config=hf.SiglipVisionConfig(**SIGHT | {"vision_use_head": False}),
        text_config=hf.Gemma3TextConfig(vocab_size=len(words), query_pre_attn_scalar=8, **text),
        image_token_index=words.image_token_id,
        boi_token_index=words.boi_token_id,
        eoi_token_index=words.eoi_token_id,
        mm_tokens_per_image=4,
    )
    processor = hf.Gemma3Processor(
        hf.Gemma3ImageProcessorPil(size=SQUARE, do_pan_and_scan=False), words, image_seq_length=4
    )
    return _written(folder, hf.Gemma3ForConditionalGeneration, config, processor)


FAMILIES: dict[str, Callable[[Path], Any]] = {
    "llava": llava,
    "llava_next": llava_next,
    "qwen2_vl": qwen2_vl,
    "qwen2_5_vl": qwen2_5_vl,
    "idefics3": idefics3,
    "paligemma": paligemma,
    "gemma3": gemma3,
}


def _three_channels() -> dict[str, Any]:
    return {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [1, 1, 2]}


def _written(folder: Path, kind: Any, config: Any, *parts: Any) -> Any:
    """Save a network with drawn weights and the parts of its processor; gives the network back."""
    torch.manual_seed(7)
    network = kind(config).eval()
    for weight in network.parameters():
        # Gemma 3's projection is born as zeros: no photograph would be seen.
        if weight.ndim > 1 and not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    network.save_pretrained(folder)
    for part in parts:
        part.save_pretrained(folder)
    return network
