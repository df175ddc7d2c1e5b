"""Names of classes in manifests, and which classes a figure speaks of."""

from triage.findings import CONDITIONS, Condition

EITHER = "chickenpox_or_measles"
"""Undecided between the two: no mpox, a lookalike of mpox, and of no one class of the four."""

FOUR: tuple[Condition, ...] = ("mpox", "chickenpox", "measles", "healthy")
SIX: tuple[Condition, ...] = ("ack", "bcc", "mel", "nev", "scc", "sek")
RASHES: tuple[Condition, ...] = ("mpox", "chickenpox", "measles")
LOOKALIKES = ("chickenpox", "measles", EITHER)
POX = (*FOUR, EITHER)
CLASSES = (*CONDITIONS, EITHER)

_OTHER_NAMES = {"monkeypox": "mpox"}


def label_of(name: str) -> str | None:
    """The class of a manifest's name for it, None for a name that is none."""
    plain = name.strip().lower()
    label = _OTHER_NAMES.get(plain, plain)
    return label if label in CLASSES else None
