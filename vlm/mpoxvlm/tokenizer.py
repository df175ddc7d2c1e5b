"""Text to token ids and back. Text splits at punctuation, so its pieces may be encoded one by one."""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer

from triage.findings import CONDITION_NAMES, CONDITIONS, Condition
from vlm.errors import ModelError

PAD, END, IMAGE = "<pad>", "<end>", "<image>"
FILE = "tokenizer.json"


class MpoxVLMTokenizer:
    """A byte-level BPE; every text can be encoded, phrases of the prompt are mostly one token each."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.pad, self.end, self.image = (_id(tokenizer, token) for token in (PAD, END, IMAGE))
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
        """Read `tokenizer.json` of a model folder."""
        return cls(Tokenizer.from_file(str(folder / FILE)))

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
