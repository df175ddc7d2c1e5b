"""Prompts to token ids as the original makes them: the text on each side of a photograph by itself."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from tokenizers import AddedToken
from transformers import LlamaTokenizer

from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint

FILES = ("tokenizer.model", "tokenizer.json")


def tokenizer_of(folders: Sequence[Path], vocab_size: int) -> Any:
    """The tokenizer of the first folder that has one: of a LoRA and its base it is the base's.

    Raises `BrokenCheckpoint` where it is lacking, damaged, without the tokens that begin and end a text, or
    has too many pieces.
    """
    folder = next((one for one in folders if any((one / name).is_file() for name in FILES)), None)
    if folder is None:
        raise BrokenCheckpoint(f"{folders[0] / FILES[0]} is missing: fetch the file again")
    try:
        tokenizer = LlamaTokenizer.from_pretrained(folder, legacy=True)
    # A damaged file makes the library raise whatever Python has: that is a finding about the file.
    except Exception as error:
        raise BrokenCheckpoint(
            f"{folder}: the tokenizer cannot be read ({' '.join(str(error).split())[:160]}): "
            f"fetch {' or '.join(FILES)} again"
        ) from error
    for name in ("bos_token", "eos_token"):
        if getattr(tokenizer, f"{name}_id") in (None, tokenizer.unk_token_id):
            raise BrokenCheckpoint(
                f"{folder}: the tokenizer has no {name}, which every prompt of these models needs: "
                "copy the tokenizer from where the model was published"
            )
    if len(tokenizer) > vocab_size:
        raise BrokenCheckpoint(
            f"{folder}: the tokenizer has {len(tokenizer)} pieces and config.json says "
            f"vocab_size {vocab_size}: "
            "copy the tokenizer from where the model was published"
        )
    return tokenizer


def prompt_ids(tokenizer: Any, prompt: str, image: int, places: int) -> list[int]:
    """Ids of a prompt, each `<image>` as so many places of the token `image`."""
    first, *further = [list(tokenizer(piece).input_ids) for piece in prompt.split("<image>")]
    ids = first
    for piece in further:
        # Each piece begins with the token that begins a text; only the first one keeps it.
        ids = ids + [image] * places + (piece[1:] if piece[:1] == [tokenizer.bos_token_id] else piece)
    return ids


def with_image_piece(tokenizer: Any, image: int) -> Any:
    """A copy that knows `<image>` as the piece `image`; pieces that the vocabulary leaves free are named."""
    changed = deepcopy(tokenizer)
    fillers = [f"<unused_{number}>" for number in range(len(tokenizer), image)]
    for text in (*fillers, "<image>"):
        changed.add_tokens([AddedToken(text, special=True, normalized=False)], special_tokens=True)
    if changed.convert_tokens_to_ids("<image>") != image:
        raise UnsupportedCheckpoint(
            "the tokenizer has a piece <image> of its own, which the original format has not"
        )
    return changed
