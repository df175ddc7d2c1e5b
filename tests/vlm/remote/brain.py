"""A tiny LLaVA with random weights, of transformers' own classes, for the test server to think with."""

from functools import cache
from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    PreTrainedTokenizerFast,
)

from tests.vlm.drawn import clinical
from vlm.prompting import instruction

IMAGE, END, PAD = "<image>", "<end>", "<pad>"
SIDE, PATCH = 56, 14
PLACES = (SIDE // PATCH) ** 2
TEMPLATE = (
    "{% for message in messages %}{% if message.role == 'user' %}USER: "
    "{% for part in message.content %}"
    "{% if part.type == 'text' %}{{ part.text }}{% else %}<image>\n{% endif %}"
    "{% endfor %} {% else %}ASSISTANT: {{ message.content }}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


class Brain:
    """Log-probabilities of tokens behind a picture and a chat."""

    def __init__(self, *, sighted: bool = True) -> None:
        self.thought: dict[Any, dict[str, Any]] = {}
        torch.manual_seed(7)
        self.tokenizer = _tokenizer()
        vision = CLIPVisionConfig(
            hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
            image_size=SIDE, patch_size=PATCH, projection_dim=16, initializer_range=1.0,
        )  # fmt: skip
        text = LlamaConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
            vocab_size=len(self.tokenizer), initializer_range=0.4, max_position_embeddings=2048,
            bos_token_id=None, eos_token_id=self.id(END), pad_token_id=self.id(PAD),
        )  # fmt: skip
        config = LlavaConfig(vision_config=vision, text_config=text, image_token_index=self.id(IMAGE))
        self.network = LlavaForConditionalGeneration(config).eval()
        if not sighted:
            for weights in self.network.model.multi_modal_projector.parameters():
                torch.nn.init.zeros_(weights)

    def id(self, token: str) -> int:
        return int(self.tokenizer.convert_tokens_to_ids(token))

    def prompt(self, messages: list[dict[str, Any]], **how: bool) -> list[int]:
        """Token ids of a chat; every image takes its places."""
        text = self.tokenizer.apply_chat_template(messages, tokenize=False, **how)
        ids = self.tokenizer.encode(text, add_special_tokens=False)
        return [id for one in ids for id in ([one] * PLACES if one == self.id(IMAGE) else [one])]

    @torch.inference_mode()
    def logprobs(self, ids: list[int], picture: Image.Image) -> Tensor:
        """Log-probabilities (L, V) of the token after each of the prompt's."""
        logits = self.network(input_ids=torch.tensor([ids]), pixel_values=pixels(picture)).logits
        return logits[0].float().log_softmax(-1)

    @torch.inference_mode()
    def greedy(self, ids: list[int], picture: Image.Image, tokens: int) -> list[int]:
        """The likeliest token, again and again, until the end."""
        given = torch.tensor([ids])
        made = self.network.generate(
            input_ids=given,
            attention_mask=torch.ones_like(given),
            pixel_values=pixels(picture),
            do_sample=False,
            max_new_tokens=tokens,
        )
        return [int(id) for id in made[0, len(ids) :] if id != self.id(END)]


@cache
def brain(*, sighted: bool = True) -> Brain:
    """Made once: it takes a second."""
    return Brain(sighted=sighted)


def pixels(picture: Image.Image) -> Tensor:
    """(1, 3, SIDE, SIDE), about -2 to 2."""
    small = np.asarray(picture.convert("RGB").resize((SIDE, SIDE)), dtype=np.float32)
    return torch.from_numpy(small / 64 - 2).permute(2, 0, 1)[None]


def _tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE so small that most answers take several tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=[PAD, END, IMAGE],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([instruction.question(clinical())], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[IMAGE],
        chat_template=TEMPLATE,
    )
