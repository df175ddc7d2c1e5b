"""MpoxVLM in three sizes, as configurations; `python -m vlm.mpoxvlm.sizes` counts their parameters.

Only the bundled folder holds trained weights. `medium` is for measuring; `7b` has the shapes of CLIP
ViT-L/14-336, ViT-B/16 and LLaMA-2-7B, whose weights `vlm.mpoxvlm.assemble` puts in.
"""

from typing import Any, Literal, cast, get_args

import click
import torch
from transformers import CLIPVisionConfig, LlamaConfig, ViTConfig

from triage.findings import CONDITIONS
from vlm.loading import BUNDLED
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.configuration import MpoxVLMConfig

Size = Literal["small", "medium", "7b"]
SIZES: tuple[Size, ...] = get_args(Size)

# LLaMA-2's own words, then the image token.
LLAMA_2_WORDS = 32_000


def configuration(size: Size) -> MpoxVLMConfig:
    """The configuration of a size. Raises `ValueError` naming the sizes where there is none such."""
    if size not in SIZES:
        raise ValueError(f"no size {size!r}: give one of {', '.join(SIZES)}")
    if size == "7b":
        return _seven_billion()
    bundled = MpoxVLMConfig.from_pretrained(BUNDLED)
    return bundled if size == "small" else _widened(bundled)


def random_model(
    size: Size, seed: int, device: str | torch.device = "cpu", dtype: torch.dtype = torch.float32
) -> MpoxVLMForConditionalGeneration:
    """The network with random weights, made on the device itself, in evaluation mode.

    The same seed gives the same weights on the same device; the caller's own random numbers go on as before.
    """
    with torch.random.fork_rng(), torch.device(device):
        torch.manual_seed(seed)
        network = MpoxVLMForConditionalGeneration._from_config(configuration(size), dtype=dtype)
    return cast(MpoxVLMForConditionalGeneration, network.eval())


def parameters(size: Size) -> int:
    """How many parameters a size has, tied ones once; takes no memory for them."""
    return sum(parameter.numel() for parameter in random_model(size, 0, "meta").parameters())


def labels() -> dict[str, Any]:
    """What the lesion classifier's logits stand for, in the order of `CONDITIONS`, as a ViT is told."""
    return {
        "id2label": dict(enumerate(CONDITIONS)),
        "label2id": {condition: number for number, condition in enumerate(CONDITIONS)},
    }


def _widened(bundled: MpoxVLMConfig) -> MpoxVLMConfig:
    """The bundled model's pictures and words, wider and deeper: about 50M parameters."""
    told = bundled.to_dict()
    tower = {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 6}
    told["vision_config"] |= tower
    told["lesion_config"] |= tower | {"pooler_output_size": 256, "members": 1}
    told["text_config"] |= {
        "hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 12, "num_attention_heads": 8,
        "num_key_value_heads": 8, "head_dim": 64,
    }  # fmt: skip
    return MpoxVLMConfig(**told)


def _seven_billion() -> MpoxVLMConfig:
    clip = CLIPVisionConfig(
        hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16,
        image_size=336, patch_size=14, projection_dim=768,
    )  # fmt: skip
    lesion = ViTConfig(image_size=224, patch_size=16, **labels())
    llama = LlamaConfig(
        vocab_size=LLAMA_2_WORDS + 1, hidden_size=4096, intermediate_size=11_008, num_hidden_layers=32,
        num_attention_heads=32, num_key_value_heads=32, max_position_embeddings=4096, rms_norm_eps=1e-5,
        bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    return MpoxVLMConfig(
        vision_config=clip, lesion_config=lesion, text_config=llama,
        image_token_index=LLAMA_2_WORDS, patch_pooling=1,
    )  # fmt: skip


@click.command()
def main() -> None:
    """Print each size with its parameters and image tokens."""
    click.echo(f"{'size':<8} {'parameters':>14} {'image tokens':>13}")
    for size in SIZES:
        tokens = configuration(size).image_seq_length
        click.echo(f"{size:<8} {parameters(size):>14,} {tokens:>13}")


if __name__ == "__main__":
    main()
