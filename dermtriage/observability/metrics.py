"""`/metrics` for Prometheus: the queues as they stand in SQL, and what the processes counted."""

import hmac

from flask import Response, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from dermtriage.observability.api import health_api
from dermtriage.observability.metrics_folder import metrics_folder
from dermtriage.observability.queue_collector import QueueCollector
from dermtriage.observability.settings import ObservabilitySettings
from web.access import public
from web.problem import unauthorized
from web.services import services


@health_api.get("/metrics", summary="Figures for Prometheus")
@public
def metrics() -> Response:
    """Prometheus' text format. Asks for the bearer token METRICS_TOKEN where one is set."""
    _check_token()
    queues = CollectorRegistry()
    queues.register(QueueCollector(services().sessions))
    return Response(generate_latest(queues) + generate_latest(_processes()), content_type=CONTENT_TYPE_LATEST)


def _processes() -> CollectorRegistry:
    """What this process counted or, where processes share a folder, what all of them did."""
    if metrics_folder() is None:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def _check_token() -> None:
    settings: ObservabilitySettings = services().room_settings["observability"]
    if settings.metrics_token is None:
        return
    expected = f"Bearer {settings.metrics_token.get_secret_value()}"
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        raise unauthorized("Send the header Authorization: Bearer, followed by METRICS_TOKEN.")
