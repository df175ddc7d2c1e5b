"""All settings of the product: each room declares its own class, this module composes them.

Values come from the environment. Nothing is read when the module is imported.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.settings import DatabaseSettings
from dermtriage.observability.settings import ObservabilitySettings
from intake.settings import IntakeSettings
from review.settings import ReviewSettings
from surveillance.settings import SurveillanceSettings
from vlm.settings import VlmSettings
from web.settings import WebSettings
from webhooks.settings import WebhooksSettings
from worker.settings import WorkerSettings

RoomSettings = TypeVar("RoomSettings", bound=BaseSettings)


class MissingSettings(Exception):
    """Settings that are missing or wrong, named with their meaning."""


class FrontDoorSettings(BaseSettings):
    """What the HTTP server and the composition need themselves."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    secret_key: SecretStr = Field(
        description="Random secret that signs the pages' forms; the same for every API process"
    )
    host: str = Field(default="127.0.0.1", description="Address on which the HTTP server listens")
    port: int = Field(default=8000, ge=1, le=65535, description="Port on which the HTTP server listens")
    web_workers: int = Field(default=2, ge=1, description="Processes of the HTTP server")
    web_threads: int = Field(default=4, ge=1, description="Threads of each process of the HTTP server")
    policy_file: Path | None = Field(
        default=None, description="Triage policy (YAML); the default policy when not set"
    )
    diagnoses_file: Path | None = Field(
        default=None, description="Coded list of diagnoses (YAML); the default list when not set"
    )


@dataclass(frozen=True)
class Settings:
    """One object with every room's settings."""

    front_door: FrontDoorSettings
    database: DatabaseSettings
    intake: IntakeSettings
    review: ReviewSettings
    surveillance: SurveillanceSettings
    webhooks: WebhooksSettings
    worker: WorkerSettings
    vlm: VlmSettings
    observability: ObservabilitySettings
    web: WebSettings


def read(settings_class: type[RoomSettings]) -> RoomSettings:
    """One room's settings from the environment.

    Raises MissingSettings, naming each variable with its meaning and never its value.
    """
    try:
        return settings_class()
    except ValidationError as error:
        raise MissingSettings("\n".join(_line(settings_class, item) for item in error.errors())) from None


def load_settings() -> Settings:
    """All settings from the environment. Raises MissingSettings."""
    return Settings(
        front_door=read(FrontDoorSettings),
        database=read(DatabaseSettings),
        intake=read(IntakeSettings),
        review=read(ReviewSettings),
        surveillance=read(SurveillanceSettings),
        webhooks=read(WebhooksSettings),
        worker=read(WorkerSettings),
        vlm=read(VlmSettings),
        observability=read(ObservabilitySettings),
        web=read(WebSettings),
    )


def _line(settings_class: type[BaseSettings], item: Any) -> str:
    name = str(item["loc"][0]) if item["loc"] else ""
    field = settings_class.model_fields.get(name)
    return f"{name.upper()}: {item['msg']}. {field.description if field else ''}".rstrip()
