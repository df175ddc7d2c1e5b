"""Writes down how an attempt went and what follows: done, again later, a pause, or the endpoint disabled."""

import random
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.models import Delivery, Dispatch, Endpoint
from webhooks.claim import Claimed
from webhooks.metrics import DELIVERIES, DISABLED
from webhooks.send import Answer, retry_after_seconds
from webhooks.settings import WebhooksSettings

log = structlog.get_logger(__name__)

GONE = 410
THROTTLING = (429, 502, 504)  # Standard Webhooks 1.0.0


def record(
    session: Session,
    claimed: Claimed,
    answer: Answer,
    *,
    started: datetime,
    at: datetime,
    settings: WebhooksSettings,
) -> None:
    """Log the attempt and move its dispatch.

    When the lease ran out and somebody else took the dispatch, or the endpoint was deleted, the schedule is
    left alone. Locks the endpoint before the dispatch, as everything here does.
    """
    endpoint = None
    if not answer.succeeded:
        endpoint = session.get(Endpoint, claimed.endpoint_id, with_for_update={"key_share": True})
    dispatch = session.get(Dispatch, claimed.dispatch_id, with_for_update=True)
    if dispatch is None:
        return
    _log_attempt(session, dispatch, answer, started)
    if dispatch.lease_until != claimed.lease_until:
        return
    dispatch.lease_until = None
    dispatch.attempts += 1
    if endpoint is None:
        dispatch.state = "succeeded"
    else:
        _follow_failure(session, dispatch, endpoint, answer, at, settings)


def _log_attempt(session: Session, dispatch: Dispatch, answer: Answer, started: datetime) -> None:
    earlier = session.scalar(select(func.count()).where(Delivery.dispatch_id == dispatch.id)) or 0
    session.add(
        Delivery(
            dispatch_id=dispatch.id,
            attempt=earlier + 1,
            attempted_at=started,
            response_status=answer.status,
            error=answer.error,
            duration_ms=answer.duration_ms,
        )
    )
    DELIVERIES.labels(outcome=_outcome(answer)).inc()


def _outcome(answer: Answer) -> str:
    if answer.succeeded:
        return "succeeded"
    if answer.status in THROTTLING:
        return "throttled"
    return "refused" if answer.error == "AddressRefused" else "failed"


def _follow_failure(
    session: Session,
    dispatch: Dispatch,
    endpoint: Endpoint,
    answer: Answer,
    at: datetime,
    settings: WebhooksSettings,
) -> None:
    pause = _pause(answer, at, settings)
    if pause:
        endpoint.throttled_until = at + pause
    if dispatch.attempts >= len(settings.webhooks_schedule_s):
        dispatch.state = "abandoned"
        cause = f"status {answer.status}" if answer.status else answer.error
        disable(
            session, endpoint, "attempts_used_up", f"{dispatch.attempts} attempts failed, last: {cause}", at
        )
        return
    delay = settings.webhooks_schedule_s[dispatch.attempts]
    delay *= 1 + random.uniform(0, settings.webhooks_jitter)  # noqa: S311 (spreads load, guards nothing)
    dispatch.next_attempt_at = at + max(timedelta(seconds=delay), pause)
    if answer.status == GONE:
        disable(session, endpoint, "gone", "the receiver answered 410 Gone", at)


def _pause(answer: Answer, at: datetime, settings: WebhooksSettings) -> timedelta:
    """How long the receiver is left alone: what it asked for, or a little when it is overloaded."""
    asked = retry_after_seconds(answer.retry_after, at)
    if asked is not None:
        return timedelta(seconds=min(asked, settings.webhooks_retry_after_limit_s))
    return timedelta(seconds=settings.webhooks_throttle_s if answer.status in THROTTLING else 0)


def disable(session: Session, endpoint: Endpoint, kind: str, reason: str, at: datetime) -> None:
    """Stop sending to an endpoint and hold what is pending; logged, counted and shown by the API."""
    if endpoint.disabled_at is not None:
        return
    endpoint.disabled_at, endpoint.disabled_reason = at, f"{kind}: {reason}"
    session.execute(
        update(Dispatch)
        .where(Dispatch.endpoint_id == endpoint.id, Dispatch.state == "pending")
        .values(state="held")
    )
    DISABLED.labels(reason=kind).inc()
    log.error(
        "webhook_endpoint_disabled",
        endpoint_id=str(endpoint.id),
        platform_id=str(endpoint.platform_id),
        reason=kind,
    )
