"""How the product is watched: settings of logs and metrics, read from the environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ObservabilitySettings(BaseSettings):
    """The form of the log, and who may read the metrics."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    log_format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="Form of the log on stdout: json, console, or auto: console on a terminal, else json",
    )
    # No DEBUG: at that level libraries quote what they handle.
    log_level: Literal["INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least level that is logged: INFO, WARNING or ERROR"
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token that /metrics asks for; open to all when not set"
    )
    prometheus_multiproc_dir: Path | None = Field(
        default=None,
        description="Folder in which the processes of one machine share their metrics",
    )
