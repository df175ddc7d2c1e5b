"""How webhooks are sent: settings of the `webhooks` room, read from the environment."""

from typing import Annotated

from pydantic import Field, PositiveFloat
from pydantic_settings import BaseSettings, SettingsConfigDict

MINUTE = 60.0
HOUR = 60 * MINUTE


class WebhooksSettings(BaseSettings):
    """The retry schedule and what may be reached. Times are in seconds."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    webhooks_allow_private_addresses: bool = Field(
        default=False,
        description="For local use only: endpoints may be plain http, on loopback and private addresses",
    )
    webhooks_timeout_s: float = Field(
        default=15, gt=0, le=30, description="Seconds for one attempt from connecting to the answer's headers"
    )
    webhooks_schedule_s: tuple[Annotated[float, Field(ge=0)], ...] = Field(
        default=(
            0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
        ),
        min_length=1,
        description="Seconds before each attempt, counted from the one before (example of Standard Webhooks)",
    )  # fmt: skip
    webhooks_jitter: float = Field(
        default=0.1, ge=0, le=1, description="Each delay grows by up to this share, at random"
    )
    webhooks_throttle_s: PositiveFloat = Field(
        default=30, description="Pause of an endpoint that answers 429, 502 or 504 without Retry-After"
    )
    webhooks_retry_after_limit_s: PositiveFloat = Field(
        default=24 * HOUR, description="The longest Retry-After that is obeyed"
    )
    webhooks_rotation_s: PositiveFloat = Field(
        default=24 * HOUR, description="How long the old secret signs too after a rotation"
    )
    webhooks_max_endpoints: int = Field(default=20, ge=1, description="Endpoints of one platform at most")
    webhooks_batch: int = Field(default=64, ge=1, description="Attempts of one run at most")
    webhooks_concurrency: int = Field(default=8, ge=1, description="Attempts made at the same time")
    webhooks_per_endpoint: int = Field(
        default=4, ge=1, description="Attempts at the same time to one endpoint: a slow one delays no other"
    )
