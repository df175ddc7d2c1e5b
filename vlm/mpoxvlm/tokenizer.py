"""Text to token ids and back. Text splits at punctuation, so its pieces may be encoded one by one."""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer

from triage.findings import CONDITION_NAMES, CONDITIONS, Condition
from vlm.errors import ModelError

PAD, END, IMAGE = "<pad>", "<end>", "<image>"
FILE = "tokenizer.json"
CONFIGURATION = "tokenizer_config.json"


class MpoxVLMTokenizer:
    """Our byte-level BPE, in which the prompt's phrases are one token each, or a Llama's own tokenizer."""

    def __init__(self, tokenizer: Tokenizer, end: str = END, pad: str = PAD) -> None:
        self.tokenizer, self.is_ours = tokenizer, end == END
        self.pad, self.end, self.image = (_id(tokenizer, token) for token in (pad, end, IMAGE))
        self.answers = [self.encode(answer_text(condition)) for condition in CONDITIONS]

    @property
    def ends(self) -> frozenset[int]:
        """The one token that ends an explanation."""
        return frozenset({self.end})

    @property
    def unwritable(self) -> frozenset[int]:
        """Image places."""
        return frozenset({self.image})

    @classmethod
    def from_folder(cls, folder: Path) -> "MpoxVLMTokenizer":
        """Read `tokenizer.json` of a model folder; what ends a text is ours, or what the folder says."""
        tokenizer = Tokenizer.from_file(str(folder / FILE))
        if tokenizer.token_to_id(END) is not None or not (folder / CONFIGURATION).is_file():
            return cls(tokenizer)
        told = json.loads((folder / CONFIGURATION).read_text())
        end = str(told.get("eos_token") or "</s>")
        # What pads is masked, so that any token will do.
        return cls(tokenizer, end, str(told.get("pad_token") or end))

    def tokens_of(self, phrases: Iterable[str]) -> dict[str, int]:
        """The token of each phrase that is a single one after a space."""
        encoded = {phrase: self.encode(f" {phrase}") for phrase in phrases}
        return {phrase: ids[0] for phrase, ids in encoded.items() if len(ids) == 1}

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json`."""
        self.tokenizer.save(str(folder / FILE))

    def encode(self, text: str) -> list[int]:
        """Token ids without any special token."""
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> str:
        """Text without special tokens."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))


def _id(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise ModelError(f"the tokenizer lacks the token {token}: it belongs to no MpoxVLM")
    return int(found)


def answer_text(condition: Condition) -> str:
    """A condition as it follows `Finding:`."""
    return f" {CONDITION_NAMES[condition]}"
