"""Figures of the worker for Prometheus. Labels are names of stages and outcomes, never ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram

from worker.commit import Committed

batch_size = Histogram(
    "dermtriage_batch_size", "Cases shown to the model at once", buckets=(1, 2, 4, 8, 16, 32, 64, 128)
)
stage_seconds = Histogram(
    "dermtriage_stage_seconds",
    "Seconds a batch spends in a stage: load, compute, commit",
    ["stage"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
cases = Counter(
    "dermtriage_cases",
    "Attempts to assess a case by what came of them: assessed, retried, failed",
    ["outcome"],
)
sweeps = Counter("dermtriage_swept", "Rows that a sweep found to do", ["sweep"])
models = Gauge(
    "dermtriage_model_loaded",
    "Worker processes by the model that they have loaded; without revision: they could load none",
    ["model", "revision"],
    multiprocess_mode="livesum",
)
model_faults = Counter("dermtriage_model_faults", "Times that a model could not be loaded or used", ["model"])
stalls = Counter("dermtriage_consumer_stalls", "Times that wake-ups lay unread in the broker")


_shown: dict[str, str] = {}


def show_model(model: str, revision: str, fault: bool) -> None:
    """This process now has these weights loaded as its `active` or `shadow` model."""
    if model in _shown:
        models.labels(model, _shown[model]).set(0)
    _shown[model] = revision[:12]
    models.labels(model, revision[:12]).set(1)
    if fault:
        model_faults.labels(model).inc()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Measure a stage, also when it raises."""
    started = perf_counter()
    try:
        yield
    finally:
        stage_seconds.labels(name).observe(perf_counter() - started)


def count(committed: Committed) -> None:
    """Count the cases of a batch by what came of them."""
    cases.labels("assessed").inc(committed.assessed)
    cases.labels("retried").inc(committed.retried)
    cases.labels("failed").inc(committed.failed)
