"""Photographs and text as MpoxVLM's input, in the form that transformers loads. Knows no condition.

Importing this module registers it: `AutoProcessor` and `AutoImageProcessor` then load an MpoxVLM folder.
"""

from collections.abc import Sequence
from os import PathLike
from typing import Any

from transformers import AutoProcessor, PreTrainedTokenizerFast, ProcessorMixin
from transformers.processing_utils import MultiModalData

import vlm.mpoxvlm.architecture  # noqa: F401  (which registers the configuration that the folder's files name)
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.image_processor import Colours, MpoxVLMImageProcessor
from vlm.mpoxvlm.tokenizer import END, IMAGE, PAD, MpoxVLMTokenizer


class MpoxVLMProcessor(ProcessorMixin):
    """One `<image>` in a text becomes `image_seq_length` image places; a batch is padded on the left.

    Gives `input_ids` and `attention_mask` (B, L) and what the image processor gives. Raises ValueError where
    texts hold more or fewer `<image>` than there are photographs.
    """

    def __init__(
        self,
        image_processor: MpoxVLMImageProcessor,
        tokenizer: PreTrainedTokenizerFast,
        image_seq_length: int,
    ) -> None:
        self.image_seq_length = image_seq_length
        self.image_token = tokenizer.image_token
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        super().__init__(image_processor, tokenizer)  # type: ignore[no-untyped-call]

    def replace_image_token(self, image_inputs: dict[str, Any], image_idx: int, **_: Any) -> str:
        """The places of one photograph: as many for each."""
        return str(self.image_token) * self.image_seq_length

    def save_pretrained(self, save_directory: str | PathLike[str], *args: Any, **kwargs: Any) -> Any:
        """transformers' files; they do not depend on what was read before."""
        # Reading a padded batch leaves the batch's padding in the tokenizer, which would be saved with it.
        self.tokenizer.backend_tokenizer.no_padding()
        self.tokenizer.backend_tokenizer.no_truncation()
        return super().save_pretrained(save_directory, *args, **kwargs)

    def _get_num_multimodal_tokens(
        self, image_sizes: Sequence[Sequence[int]] | None = None, **_: Any
    ) -> MultiModalData:
        count = len(image_sizes or ())
        return MultiModalData(num_image_tokens=[self.image_seq_length] * count, num_image_patches=[1] * count)


def processor_of(
    config: MpoxVLMConfig, tokenizer: MpoxVLMTokenizer, **normalisation: Colours
) -> MpoxVLMProcessor:
    """The processor of a network with this configuration and these words.

    `normalisation`: `image_mean`, `image_std`, `lesion_image_mean`, `lesion_image_std`, the bundled model's
    where not given. The classifier gets pixels of its own where its side or one of its numbers is another.
    """
    told: dict[str, Any] = {"size": config.vision_config.image_size, **normalisation}
    lesion_side = config.lesion_config.image_size
    if lesion_side != told["size"] or any(name.startswith("lesion_") for name in normalisation):
        told["lesion_size"] = lesion_side
    images = MpoxVLMImageProcessor(**told)
    return MpoxVLMProcessor(images, fast_tokenizer(tokenizer), config.image_seq_length)


def fast_tokenizer(tokenizer: MpoxVLMTokenizer) -> PreTrainedTokenizerFast:
    """The same words as transformers' tokenizer: padded on the left, nothing put before a text."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer.tokenizer,
        pad_token=PAD,
        eos_token=END,
        extra_special_tokens={"image_token": IMAGE},
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )


AutoProcessor.register(MpoxVLMConfig, MpoxVLMProcessor)
