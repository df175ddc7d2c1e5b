"""The original's arithmetic in plain torch, for checkpoints of drawn weights. Uses nothing of the loader."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import gelu, linear, silu, softmax
from transformers import CLIPVisionConfig, CLIPVisionModel

IMAGE = -200


@torch.no_grad()
def last_logits(
    config: dict[str, Any],
    weights: dict[str, Tensor],
    vision: CLIPVisionModel,
    pixels: Tensor,
    ids: list[int],
) -> Tensor:
    """Logits (V) behind the prompt `ids`, in which IMAGE stands for the photograph (1, 3, S, S)."""
    w = {name: tensor.float() for name, tensor in weights.items()}
    seen = vision(pixels, output_hidden_states=True).hidden_states[config["mm_vision_select_layer"]][0]
    if config["mm_vision_select_feature"] == "patch":
        seen = seen[1:]
    seen = linear(seen, w["model.mm_projector.0.weight"], w["model.mm_projector.0.bias"])
    seen = linear(gelu(seen), w["model.mm_projector.2.weight"], w["model.mm_projector.2.bias"])
    place, words = ids.index(IMAGE), w["model.embed_tokens.weight"]
    x = torch.cat([words[ids[:place]], seen, words[ids[place + 1 :]]])
    for number in range(config["num_hidden_layers"]):
        layer = {k.removeprefix(f"model.layers.{number}."): t for k, t in w.items()}
        x = x + _attention(config, layer, _norm(config, x, layer["input_layernorm.weight"]))
        y = _norm(config, x, layer["post_attention_layernorm.weight"])
        gate = silu(linear(y, layer["mlp.gate_proj.weight"])) * linear(y, layer["mlp.up_proj.weight"])
        x = x + linear(gate, layer["mlp.down_proj.weight"])
    return linear(_norm(config, x, w["model.norm.weight"])[-1], w["lm_head.weight"])


def vision_of(config: CLIPVisionConfig, weights: dict[str, Tensor]) -> CLIPVisionModel:
    """A tower of these weights, by their names within `vision_model.`."""
    tower = CLIPVisionModel(config)
    named = {name.removeprefix("vision_model."): p for name, p in tower.named_parameters()}
    assert named.keys() == weights.keys()
    with torch.no_grad():
        for name, parameter in named.items():
            parameter.copy_(weights[name])
    tower.eval()
    return tower


def _norm(config: dict[str, Any], x: Tensor, weight: Tensor) -> Tensor:
    return weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + config["rms_norm_eps"])


def _attention(config: dict[str, Any], layer: dict[str, Tensor], x: Tensor) -> Tensor:
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    length, size = len(x), config["hidden_size"] // heads
    q, k, v = (
        linear(x, layer[f"self_attn.{name}_proj.weight"]).view(length, -1, size).transpose(0, 1)
        for name in "qkv"
    )
    q, k = _turned(config, q), _turned(config, k)
    k, v = (part.repeat_interleave(heads // groups, 0) for part in (k, v))
    back = torch.arange(length)[:, None] - torch.arange(length)[None]
    hidden = (back < 0) | (back >= (config.get("sliding_window") or length))
    scores = (q @ k.transpose(1, 2) / size**0.5).masked_fill(hidden, -torch.inf)
    given = (softmax(scores, -1) @ v).transpose(0, 1).reshape(length, -1)
    return linear(given, layer["self_attn.o_proj.weight"])


def _turned(config: dict[str, Any], x: Tensor) -> Tensor:
    size, slower = x.shape[-1], (config.get("rope_scaling") or {"factor": 1.0})["factor"]
    speed = config["rope_theta"] ** -(torch.arange(0, size, 2) / size)
    angle = torch.arange(x.shape[1])[:, None] / slower * speed
    cos, sin = (torch.cat([part, part], -1) for part in (angle.cos(), angle.sin()))
    one, other = x.chunk(2, -1)
    return x * cos + torch.cat([-other, one], -1) * sin
