"""The queues as Prometheus sees them, read from SQL at each scrape. Labels are levels, never ids."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from db.session import SessionFactory
from dermtriage.observability.queue_figures import MOST_COUNTED, QueueFigures, read_queue_figures
from triage import RANK, Level

# `not_gradable` has the rank of `routine`, and only the rank stands in the queues' indexes.
LEVELS: tuple[Level, ...] = ("emergency", "urgent", "priority", "routine", "self_care")
AT_MOST = f"; counted up to {MOST_COUNTED}"

BY_LEVEL = {
    "waiting": ("dermtriage_queue_cases", f"Cases that wait for the model{AT_MOST}"),
    "waiting_age": (
        "dermtriage_queue_oldest_seconds",
        "Age of the case that has waited longest for the model",
    ),
    "review": ("dermtriage_review_cases", f"Cases that wait for a clinician{AT_MOST}"),
    "review_age": ("dermtriage_review_oldest_seconds", "Age of the oldest case that waits for a clinician"),
    "overdue": ("dermtriage_overdue_cases", f"Cases past their due time and not decided{AT_MOST}"),
}
SINGLE = {
    "assessing": ("dermtriage_assessing_cases", "Cases that a worker holds"),
    "in_review": ("dermtriage_in_review_cases", "Cases that a clinician holds"),
    "paused": ("dermtriage_model_paused", "1 while assessment is paused"),
    "pending_deliveries": ("dermtriage_pending_deliveries", f"Webhooks not delivered yet{AT_MOST}"),
}


class QueueCollector(Collector):
    """Reads the figures once a scrape; without a database it says so instead of failing the scrape."""

    def __init__(self, sessions: SessionFactory) -> None:
        self.sessions = sessions

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures as gauges."""
        try:
            with self.sessions() as session:
                figures = read_queue_figures(session)
        except SQLAlchemyError:
            figures = None
        yield GaugeMetricFamily(
            "dermtriage_queue_figures_up",
            "1 while PostgreSQL gives the figures of the queues in time",
            value=float(figures is not None),
        )
        if figures is not None:
            yield from _gauges(figures)


def _gauges(figures: QueueFigures) -> Iterator[GaugeMetricFamily]:
    for key, (name, help_text) in BY_LEVEL.items():
        family = GaugeMetricFamily(name, help_text, labels=["level"])
        for level in LEVELS:
            family.add_metric([level], figures.by_rank[RANK[level]][key])
        yield family
    for key, (name, help_text) in SINGLE.items():
        yield GaugeMetricFamily(name, help_text, value=figures.single[key])
