"""Shows a batch to the model and finds the case at fault when the model raises."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from triage import Findings
from vlm import Model, ModelError, RemoteUnavailable
from worker import self_test
from worker.batches import Batch, Read, Result, Shown

log = structlog.get_logger()


def assess(model: Model, batch: Batch) -> Result:
    """Every case of the batch, either read or raised alone: one that raises never takes others with it.

    Raises ModelBroken when it is not the cases' fault, RemoteUnavailable when the model's server is away.
    """
    result = Result(batch.token)
    _assess(model, batch.shown, result)
    if result.raised:
        self_test.check(model)
    result.raised += batch.unreadable
    return result


def _assess(model: Model, shown: Sequence[Shown], result: Result) -> None:
    if not shown:
        return
    try:
        findings = _asked(model, shown)
    except Exception as error:  # noqa: BLE001 - a model may raise whatever its libraries raise
        if isinstance(error, RemoteUnavailable):
            # While the server is away each half would only wait for it in vain.
            self_test.check(model)
        if len(shown) == 1:
            _note(shown[0].case_id, error)
            result.raised.append(shown[0].case_id)
            result.kinds[shown[0].case_id] = type(error).__name__
            return
        middle = len(shown) // 2
        _assess(model, shown[:middle], result)
        _assess(model, shown[middle:], result)
        return
    for one, reading in zip(shown, findings, strict=True):
        result.read.append(Read(one.case_id, one.presentation.clinical, reading, len(shown)))


def _asked(model: Model, shown: Sequence[Shown]) -> list[Findings]:
    findings = model.assess([one.presentation for one in shown])
    if len(findings) != len(shown):
        raise ModelError(f"{len(findings)} readings of {len(shown)} cases")
    return findings


def _note(case_id: UUID, error: Exception) -> None:
    """The kind of the error only: its text may repeat what the patient wrote."""
    log.warning("case_raised", case_id=str(case_id), error=type(error).__name__)
