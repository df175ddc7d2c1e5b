"""Stage projector: towers and decoder stay, what stands between them learns from conversations."""

from collections.abc import Sequence

from training.config import ProjectorSettings
from training.running.prepared import Item, Prepared
from training.talks.opening import base_of, sets_of
from training.talks.tokens import collated


def prepare(settings: ProjectorSettings) -> Prepared:
    """Raises `DataError`, `BaseError`, or `ModelError` as the loader does."""
    base = base_of(settings)
    train, validation = sets_of(settings, base)
    base.freeze_towers()
    base.freeze_decoder()

    def collate(items: Sequence[Item]) -> Item:
        return collated(items, base.pad)

    return Prepared(
        model=base.network,
        train=train,
        validation=validation,
        collate=collate,
        save=lambda _, folder: base.save_projectors(folder),
    )
