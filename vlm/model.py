"""The one interface of every model, whatever stands behind it.

Which keys every provenance has, and what they mean, is the table `vlm.provenance.KEYS`.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from triage.findings import Findings
from vlm.presentation import Presentation

Provenance = dict[str, str | int | float | bool | None]


@runtime_checkable
class Model(Protocol):
    """A loaded model.

    `assess` returns one `Findings` per presentation, in order. The same presentations give the same findings;
    a batch gives what its members give alone (same text, probabilities within 1e-4).
    """

    @property
    def provenance(self) -> Provenance:
        """What made the findings: model, version, weights hash, prompt, decoding, dtype, libraries."""

    @property
    def device(self) -> str:
        """Where it computes, such as `cpu` or `cuda:0`."""

    @property
    def revision(self) -> str:
        """SHA-256 of the weights as hexadecimal digits; of the options for a model without weights."""

    def assess(self, presentations: Sequence[Presentation]) -> list[Findings]:
        """Read each presentation. Raises whatever the computation raises: the caller isolates the culprit."""
