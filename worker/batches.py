"""A batch on its way through the worker: claimed and loaded, then assessed. Ids and plain data, no SQL."""

from dataclasses import dataclass, field
from uuid import UUID

from triage import Clinical, Decision, Findings
from vlm import Presentation


@dataclass(frozen=True)
class Shown:
    """One case as it is shown to the model."""

    case_id: UUID
    presentation: Presentation


@dataclass(frozen=True)
class Read:
    """One case as the model read it and the policy decided it."""

    case_id: UUID
    clinical: Clinical
    findings: Findings
    batch_size: int


@dataclass(frozen=True)
class Batch:
    """The cases of one claim. `unreadable` are those whose photographs or answers could not be loaded.

    A `suspect` batch has the process to itself, so that its loss can be laid at its own door.
    """

    token: UUID
    suspect: bool
    shown: tuple[Shown, ...]
    unreadable: tuple[UUID, ...] = ()

    def __len__(self) -> int:
        return len(self.shown) + len(self.unreadable)


@dataclass
class Result:
    """What came of a batch: cases that were read, and cases that raised when they ran alone.

    `kinds`: the kind of error of those on which the model raised. A batch that is `given_back` was not shown
    to the model at all.
    """

    token: UUID
    read: list[Read] = field(default_factory=list)
    raised: list[UUID] = field(default_factory=list)
    kinds: dict[UUID, str] = field(default_factory=dict)
    given_back: bool = False


@dataclass(frozen=True)
class Decided:
    """A reading with its decision, ready to be written."""

    read: Read
    decision: Decision
