"""The tokenizer of a folder, as the engine speaks to it."""

from typing import Any, cast

from transformers import PreTrainedModel, ProcessorMixin

from vlm.errors import BrokenCheckpoint
from vlm.prompting import instruction


class StandardVocabulary:
    """Text to token ids and back.

    Text that continues another one is encoded behind the assistant's lead, because many tokenizers put a
    space before the first word of a text. Raises `BrokenCheckpoint` where the image token is lacking.
    """

    def __init__(self, processor: ProcessorMixin, network: PreTrainedModel) -> None:
        self._tokenizer: Any = processor.tokenizer
        self.image = _image_token(processor, network)
        said = network.generation_config.eos_token_id if network.generation_config else None
        listed = said if isinstance(said, list) else [said]
        self.ends = frozenset(end for end in (*listed, self._tokenizer.eos_token_id) if end is not None)
        silent = {self.image, *self._tokenizer.all_special_ids} - self.ends
        self.unwritable = frozenset(token for token in silent if token < _written_tokens(network))
        pads = (self._tokenizer.pad_token_id, *sorted(self.ends), 0)
        self.pad = int(next(pad for pad in pads if pad is not None))

    def encode(self, text: str) -> list[int]:
        """Token ids of a text that continues another one: no special token."""
        before, whole = self._ids(instruction.lead()), self._ids(instruction.lead() + text)
        return whole[len(before) :] if whole[: len(before)] == before else self._ids(text)

    def decode(self, ids: list[int]) -> str:
        """Text without special tokens."""
        return str(self._tokenizer.decode(ids, skip_special_tokens=True))

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False))


def _written_tokens(network: PreTrainedModel) -> int:
    return int(network.config.get_text_config().vocab_size)


def _image_token(processor: ProcessorMixin, network: PreTrainedModel) -> int:
    """The token that the network replaces by the photograph, if the processor writes the same one."""
    config, tokenizer = network.config, cast(Any, processor.tokenizer)
    expected: Any = getattr(config, "image_token_id", getattr(config, "image_token_index", None))
    token = getattr(processor, "image_token", None)
    written = {
        tokenizer.convert_tokens_to_ids(token) if token else None,
        getattr(tokenizer, "image_token_id", None),
    } - {None, tokenizer.unk_token_id}
    if expected not in written:
        raise BrokenCheckpoint(
            f"config.json says that token {expected} stands for the photograph, which is not the tokenizer's "
            "image token: its files are not this model's; copy them from where the model was published"
        )
    return int(expected)
