"""The entry point of delivery: fan out what is new, then send what is due.

Nothing is locked while a request is on its way: the claim and the record are transactions of their own. A
process that dies between sending and recording leaves a lease that ends, and the same id is sent again:
receivers get every event at least once.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from db.ids import now
from db.session import SessionFactory
from webhooks.claim import Claimed, claim_next
from webhooks.dispatch import fan_out
from webhooks.record import record
from webhooks.send import Sender
from webhooks.settings import WebhooksSettings
from webhooks.signature import signed_headers

Clock = Callable[[], datetime]
# While slow receivers keep a run waiting, it looks this often for what is new.
LOOK_AGAIN_S = 0.5


def make_sender(settings: WebhooksSettings) -> Sender:
    """A sender as the settings ask for."""
    return Sender(settings.webhooks_timeout_s, settings.webhooks_allow_private_addresses)


def deliver_due(
    sessions: SessionFactory, settings: WebhooksSettings, *, sender: Sender | None = None, clock: Clock = now
) -> int:
    """Fan out new events and make the attempts that are due, at most `webhooks_batch`; returns how many.

    Safe to run anywhere at the same time. Raises what the database raises; then leases bring things back.
    """
    sender = sender or make_sender(settings)
    made, under_way = 0, set[Future[None]]()
    fan_out(sessions, clock())
    with ThreadPoolExecutor(settings.webhooks_concurrency, thread_name_prefix="webhooks") as pool:
        while made < settings.webhooks_batch:
            started = clock()
            claimed = _claim(sessions, settings, started)
            if claimed is not None:
                under_way.add(pool.submit(_attempt, sessions, settings, sender, clock, claimed, started))
                made += 1
            elif fan_out(sessions, clock()):
                continue
            elif not under_way:
                break
            if len(under_way) == settings.webhooks_concurrency:
                under_way = _wait_for_one(under_way)
            elif claimed is None:
                under_way = _wait_for_one(under_way, LOOK_AGAIN_S)
    for attempt in under_way:
        attempt.result()
    return made


def _claim(sessions: SessionFactory, settings: WebhooksSettings, at: datetime) -> Claimed | None:
    with sessions.begin() as session:
        return claim_next(session, at, settings)


def _attempt(
    sessions: SessionFactory,
    settings: WebhooksSettings,
    sender: Sender,
    clock: Clock,
    claimed: Claimed,
    started: datetime,
) -> None:
    headers = signed_headers(claimed.message_id, started, claimed.body, claimed.signing_secrets)
    answer = sender.post(claimed.url, headers, claimed.body.encode())
    with sessions.begin() as session:
        record(session, claimed, answer, started=started, at=clock(), settings=settings)


def _wait_for_one(under_way: set[Future[None]], timeout_s: float | None = None) -> set[Future[None]]:
    done, rest = wait(under_way, timeout_s, return_when=FIRST_COMPLETED)
    for attempt in done:
        attempt.result()
    return rest
