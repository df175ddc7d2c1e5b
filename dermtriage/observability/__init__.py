"""How the product is watched: health, metrics and the log."""

from dermtriage.observability import health, metrics
from dermtriage.observability.api import health_api
from dermtriage.observability.logging import configure_logging
from dermtriage.observability.metrics_folder import (
    forget_process,
    prepare_metrics_folder,
    remove_files_of_ended_processes,
)

__all__ = [
    "configure_logging",
    "forget_process",
    "health",
    "health_api",
    "metrics",
    "prepare_metrics_folder",
    "remove_files_of_ended_processes",
]
