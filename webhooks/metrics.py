"""What operators see of webhooks: attempts by outcome, endpoints that were disabled. Counts only."""

from prometheus_client import Counter

DELIVERIES = Counter(
    "dermtriage_webhook_deliveries_total",
    "Attempts to deliver a webhook, by outcome: succeeded, failed, throttled, refused (address not public)",
    ["outcome"],
)
DISABLED = Counter(
    "dermtriage_webhook_endpoints_disabled_total",
    "Endpoints disabled by the product, by reason: gone, attempts_used_up",
    ["reason"],
)
