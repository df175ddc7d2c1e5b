"""Reading prompts and further tokens with any network, through its own preparation of inputs.

Shapes: B rows, L their padded length, N further tokens, V the vocabulary. Positions are those that `generate`
gives: the network computes the prompts' positions, and the cache remembers where each row goes on.
"""

import inspect
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from vlm.engine.backend import Prefix
from vlm.engine.masks import positions_of
from vlm.standard.caches import PlacedCache, stacked
from vlm.standard.pictures import joined, joined_at_the_end, unpacked

# Inputs of this name have a number for each token, not for each picture.
PER_TOKEN = "token_type_ids"  # noqa: S105


class Reader:
    """Feeds one network. `together` says whether rows are prefilled in one pass or one by one."""

    def __init__(self, network: PreTrainedModel) -> None:
        self.network: Any = network
        self.together = True
        last_only = "logits_to_keep" in inspect.signature(network.forward).parameters
        self._last_only = {"logits_to_keep": 1} if last_only else {}

    def prefill(self, ids: Tensor, attention: Tensor, pictures: dict[str, Tensor]) -> Prefix:
        """Read left-padded prompts (B, L) with their packed pictures."""
        inputs = unpacked(pictures)
        if self.together:
            cache, logits = self._read(ids, attention, inputs)
            return Prefix(cache, attention, logits.float().log_softmax(-1))
        read = [
            self._read(row[mask.bool()][None], mask[mask.bool()][None], [own])
            for row, mask, own in zip(ids, attention, inputs, strict=True)
        ]
        logits = torch.cat([row_logits for _, row_logits in read])
        return Prefix(stacked([cache for cache, _ in read]), attention, logits.float().log_softmax(-1))

    def advance(
        self, ids: Tensor, attention: Tensor, cache: PlacedCache, counted: Tensor | None = None
    ) -> Tensor:
        """Logits (B, N, V) of tokens (B, N) behind the cache, under the mask of all (B, L + N).

        `counted` (B, N): how many tokens stand before each, where the mask does not say it.
        """
        if counted is None:
            counted = positions_of(attention, last=ids.shape[1])
        prepared = self.network.prepare_inputs_for_generation(
            ids,
            attention_mask=attention,
            position_ids=cache.positions(counted),
            past_key_values=cache,
            use_cache=True,
            is_first_iteration=False,
        )
        logits: Tensor = self.network(**prepared).logits
        return logits

    def image_features(self, inputs: dict[str, Tensor]) -> Any:
        """What the network makes of one photograph: image tokens (..., T), in one tensor or in several."""
        taken = inspect.signature(self.network.get_image_features).parameters
        given = {name: value for name, value in self.placed(inputs).items() if name in taken}
        return self.network.get_image_features(**given).pooler_output

    def _read(
        self, ids: Tensor, attention: Tensor, inputs: list[dict[str, Tensor]]
    ) -> tuple[PlacedCache, Tensor]:
        """The cache, and the logits behind the last token (B, V)."""
        given = self._together(inputs, ids.shape[1])
        cache = PlacedCache()
        positions = self.network._prepare_position_ids_for_generation(
            ids, {"attention_mask": attention, **given}
        )
        cache.place(positions, attention)
        prepared = self.network.prepare_inputs_for_generation(
            ids,
            attention_mask=attention,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            is_first_iteration=True,
            **given,
        )
        return cache, self.network(**prepared, **self._last_only).logits[:, -1]

    def _together(self, inputs: list[dict[str, Tensor]], length: int) -> dict[str, Tensor]:
        """The picture inputs of all rows, where and as the network computes."""
        together = {
            name: joined_at_the_end([row[name] for row in inputs], length)
            if name.endswith(PER_TOKEN)
            else joined([row[name] for row in inputs])
            for name in inputs[0]
        }
        return self.placed(together)

    def placed(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Inputs on the network's device, fractions in its precision."""
        own = self.network.dtype
        return {
            name: value.to(self.network.device, own if value.is_floating_point() else value.dtype)
            for name, value in inputs.items()
        }
