"""Prompts to token ids as the original makes them: the text on each side of a photograph by itself."""

from pathlib import Path
from typing import Any

from transformers import LlamaTokenizer

from vlm.errors import BrokenCheckpoint


def tokenizer_of(folder: Path, vocab_size: int) -> Any:
    """The folder's tokenizer. Raises `BrokenCheckpoint` where it is lacking or has too many pieces."""
    if not any((folder / name).is_file() for name in ("tokenizer.model", "tokenizer.json")):
        raise BrokenCheckpoint(f"{folder / 'tokenizer.model'} is missing: fetch the file again")
    tokenizer = LlamaTokenizer.from_pretrained(folder, legacy=True)
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
