"""Settings of the worker, read from the environment."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Overlap = Literal["auto", "on", "off"]


class WorkerSettings(BaseSettings):
    """How cases are claimed and assessed, and how broken leases come back."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    broker_url: str = Field(
        default="redis://127.0.0.1:6379/0", description="Redis that carries wake-ups; it may lose them all"
    )
    worker_model_ref: str = Field(
        default="bundled", description="Model to load: bundled, simulated:..., or a folder"
    )
    worker_device: str = Field(default="auto", description="Where the model computes: auto, cpu or cuda[:n]")
    worker_batch_size: int = Field(
        default=16, ge=1, le=512, description="Most cases shown to the model at once"
    )
    worker_overlap: Overlap = Field(
        default="auto",
        description="Load, compute and commit at the same time; auto: unless the model computes on the CPU",
    )
    worker_lease_seconds: float = Field(
        default=30, gt=0, description="After this long without heart-beat a worker's cases go to another"
    )
    worker_max_attempts: int = Field(
        default=3, ge=1, description="A case that failed alone this often is left to clinicians"
    )
    worker_sweep_seconds: float = Field(
        default=5,
        gt=0,
        description="How often a worker looks for ended leases and for work without a wake-up",
    )
    worker_longest_side: int = Field(
        default=2048,
        ge=224,
        description="Larger photographs are reduced to this many pixels, to bound memory",
    )
    worker_stop_seconds: float = Field(
        default=25, gt=0, description="How long SIGTERM waits for the batch in hand before the process ends"
    )
    worker_threads: int = Field(
        default=4, ge=2, description="Background jobs a process does at the same time"
    )
    worker_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port of the worker's own metrics on all addresses; 0 for none"
    )
