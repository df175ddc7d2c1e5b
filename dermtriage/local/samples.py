"""Submits the sample cases to a running product and follows them until each has its assessment."""

from collections.abc import Callable

from dermtriage.local.client import Client
from dermtriage.local.home import Home
from dermtriage.local.sample_cases import SAMPLE_CASES
from dermtriage.local.stopping import Stopping

SETTLED = ("failed", "cancelled", "needs_retake")


def submitted_samples(home: Home, client: Client, stopping: Stopping) -> list[str]:
    """The ids of the sample cases, submitted when no earlier start did.

    A start that was cut short is made good: each case has its own idempotency key, so none is there twice.
    """
    known = home.recall("samples")
    if known:
        return list(known["cases"])
    ids = []
    for sample in SAMPLE_CASES:
        stopping.check()
        ids.append(str(client.submit(sample.clinical(), sample.photographs(), sample.name)["id"]))
    home.remember("samples", {"cases": ids})
    return ids


def wait_until_assessed(
    ids: list[str], client: Client, watch: Callable[[], None], tell: Callable[[int], None]
) -> None:
    """Return when every case has its AI result, or has settled without one.

    `watch` is called between looks and may raise; `tell` hears how many are done, when that changes.
    """
    waiting, told = set(ids), -1
    while waiting:
        waiting = {case_id for case_id in waiting if not is_assessed(client, case_id)}
        if told != (done := len(ids) - len(waiting)):
            told = done
            tell(done)
        watch()


def is_assessed(client: Client, case_id: str) -> bool:
    """Whether the model has spoken on this case; an urgent one is open to review before that."""
    case = client.case(case_id)
    return bool(case["provenance"]) or case["status"] in SETTLED
