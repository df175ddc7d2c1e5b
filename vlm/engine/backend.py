"""What the assessment engine asks of a local network. A backend is one file that answers this.

Shapes: B rows of a batch, L their padded length, V the vocabulary, K the ten conditions in the order of
`CONDITIONS`. A row is one photograph with the prompt of its case: a case of three photographs makes
three rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from PIL import Image
from torch import Tensor
from transformers import Cache, PreTrainedModel

from triage.clinical import Clinical


@dataclass(frozen=True)
class Row:
    """One photograph and its prompt, ready for the network, on the CPU.

    `ids`: the prompt's token ids, image places included. `pictures`: the network's picture inputs by the name
    of its argument; those of several rows are joined along the first dimension.
    """

    ids: list[int]
    pictures: dict[str, Tensor]


@dataclass
class Prefix:
    """Prompts that the network has read: cache, mask (B, L), log-probabilities of the next token (B, V).

    Log-probabilities are float32 whatever the network computes in.
    `classifier`: the log-probabilities (B, K) of a lesion classifier beside the decoder, None without one.
    """

    cache: Cache
    attention: Tensor
    next_token: Tensor
    classifier: Tensor | None = None


class Vocabulary(Protocol):
    """Text to token ids and back."""

    @property
    def pad(self) -> int:
        """The token that fills rows on their left; masked, so that any id serves."""

    @property
    def ends(self) -> frozenset[int]:
        """Tokens that end an explanation."""

    @property
    def unwritable(self) -> frozenset[int]:
        """Tokens never to be written, such as image places: a zero row of theirs can win the arg-max."""

    def encode(self, text: str) -> list[int]:
        """Token ids of a text that continues another one: no special token."""

    def decode(self, ids: list[int]) -> str:
        """Text without special tokens."""


class Guard(Protocol):
    """Decides what one explanation may say next."""

    @property
    def named_only(self) -> frozenset[int]:
        """Tokens that are written only where `allowed` names them; the same for all explanations."""

    def allowed(self) -> Sequence[int] | None:
        """The tokens that may come next, the likeliest first; None: any but `named_only`."""

    def written(self, token: int) -> None:
        """Take note of the token that came."""

    def copy(self) -> Self:
        """One that goes on from here by itself."""


class Backend(Protocol):
    """A loaded network with its words.

    `answers`: the tokens of each condition as they follow the prompt, in `CONDITIONS` order. `after_answer`:
    the tokens between the chosen answer and the explanation. `longest_explanation`: in tokens.
    `described`: what provenance says of it: model, version, weights_sha256, prompt_version, notice;
    `decoding` where a guard changes what greedy decoding means.
    `packs_answers`: True where `advance` honours a 4-D mask and given positions over a cache that can
    be cropped: all answers are then scored in one row. False: the cache is repeated for each answer, a few
    rows at a time.
    `ignores_size`: a photograph's shape counts for `rows`, its number of pixels does not.
    `formulaic`: its explanations follow a form, so that guessing how they go on pays.
    """

    @property
    def network(self) -> PreTrainedModel:
        """The network, in evaluation mode on its device."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its tokenizer."""

    @property
    def answers(self) -> list[list[int]]:
        """See above."""

    @property
    def after_answer(self) -> list[int]:
        """See above."""

    @property
    def packs_answers(self) -> bool:
        """See above."""

    @property
    def ignores_size(self) -> bool:
        """See above."""

    @property
    def formulaic(self) -> bool:
        """See above."""

    @property
    def longest_explanation(self) -> int:
        """See above."""

    @property
    def described(self) -> dict[str, str]:
        """See above."""

    def rows(self, images: Sequence[Image.Image], clinical: Clinical) -> list[Row]:
        """One row for each photograph, with the case's prompt. CPU work only, in any thread."""

    def prefill(self, ids: Tensor, attention: Tensor, pictures: dict[str, Tensor]) -> Prefix:
        """Read left-padded prompts (B, L) with their pictures. Positions follow the mask."""

    def advance(
        self, ids: Tensor, attention: Tensor, cache: Cache, positions: Tensor | None = None
    ) -> Tensor:
        """Read further tokens (B, N) behind the cache, which grows by them; logits (B, N, V).

        `attention` (B, L + N) masks the cache too; positions (B, N) follow it where none are given. Where
        answers are packed it comes with positions as (B, 1, N, L + N), to be added to attention scores.
        """

    def guards(self, clinicals: Sequence[Clinical]) -> Sequence[Guard] | None:
        """What keeps each explanation to its facts; None where the backend has no such means."""

    def naming_row(self, image: Image.Image, question: str) -> Row:
        """The photograph with a question in free words, up to where a name is expected as its answer."""

    def image_features(self, rows: Sequence[Row]) -> Sequence[Any]:
        """What the decoder is given of each row's photograph: image tokens (..., D) behind the projector.

        A tensor for each row, or several where a photograph is read in tiles.
        """

    def saliency(self, images: Sequence[Image.Image]) -> list[bytes | None]:
        """Where the classifier looked in each photograph: PNG overlays; None without a classifier."""
