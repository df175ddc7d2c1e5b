"""Stage instruct: the decoder learns to answer, by low-rank updates or whole; the projectors beside it.

The towers never learn here.
"""

from collections.abc import Sequence
from typing import Any

from training.config import InstructSettings, Lora
from training.running.prepared import Item, Prepared
from training.talks.base import Base, freeze
from training.talks.opening import base_of, sets_of
from training.talks.tokens import collated
from vlm.mpoxvlm.lora import TARGETS


def prepare(settings: InstructSettings) -> Prepared:
    """Raises `DataError`, `BaseError`, or `ModelError` as the loader does."""
    base = base_of(settings)
    train, validation = sets_of(settings, base)
    base.freeze_towers()
    if settings.projector_learning_rate is None:
        for name in base.projectors:
            freeze(base.network.model.get_submodule(name))
    model = _adapted(base, settings.lora) if settings.lora else base.network
    rates = dict.fromkeys(base.projectors, settings.projector_learning_rate)

    def collate(items: Sequence[Item]) -> Item:
        return collated(items, base.pad)

    return Prepared(
        model=model,
        train=train,
        validation=validation,
        collate=collate,
        save=base.save_tuned,
        learning_rates={name: rate for name, rate in rates.items() if rate},
    )


def _adapted(base: Base, lora: Lora) -> Any:
    """The network with new updates on the decoder's linears; its projectors go on learning."""
    from peft import LoraConfig, get_peft_model

    learning = [p for name in base.projectors for p in base.network.model.get_submodule(name).parameters()]
    learning = [parameter for parameter in learning if parameter.requires_grad]
    config = LoraConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=TARGETS)
    adapted = get_peft_model(base.network, config)
    # peft freezes everything that is not its own.
    for parameter in learning:
        parameter.requires_grad_(True)
    return adapted
