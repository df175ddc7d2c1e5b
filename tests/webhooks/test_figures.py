"""Operators see deliveries by outcome; no log or figure repeats what a receiver said."""

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


@pytest.mark.parametrize(("status", "outcome"), [(200, "succeeded"), (500, "failed"), (429, "throttled")])
def test_each_attempt_is_counted_by_its_outcome(
    outbox: Outbox, receiver: Receiver, status: int, outcome: str
) -> None:
    before = count("dermtriage_webhook_deliveries_total", outcome=outcome)
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.will_answer(status)
    outbox.deliver()
    assert count("dermtriage_webhook_deliveries_total", outcome=outcome) == before + 1


def test_a_refused_address_and_a_disabled_endpoint_are_counted(outbox: Outbox) -> None:
    refused = count("dermtriage_webhook_deliveries_total", outcome="refused")
    disabled = count("dermtriage_webhook_endpoints_disabled_total", reason="attempts_used_up")
    outbox.settings = outbox.settings.model_copy(
        update={"webhooks_allow_private_addresses": False, "webhooks_schedule_s": (0.0,)}
    )
    outbox.add_endpoint("https://127.0.0.1:9/")
    outbox.happen()
    outbox.deliver()
    assert count("dermtriage_webhook_deliveries_total", outcome="refused") == refused + 1
    assert count("dermtriage_webhook_endpoints_disabled_total", reason="attempts_used_up") == disabled + 1
    assert outbox.endpoint().disabled_reason == "attempts_used_up: 1 attempts failed, last: AddressRefused"


def test_what_a_receiver_says_is_kept_nowhere(outbox: Outbox, receiver: Receiver) -> None:
    outbox.settings = outbox.settings.model_copy(update={"webhooks_schedule_s": (0.0,)})
    outbox.add_endpoint(f"{receiver.url}?token=canary-url")
    outbox.happen()
    receiver.will_answer(500, x_reason="canary-header")
    with capture_logs() as logs:
        outbox.deliver()
    assert logs, "the disabled endpoint is logged"
    kept = f"{logs} {[vars(d) for d in outbox.deliveries()]} {outbox.endpoint().disabled_reason}"
    assert "canary" not in kept
