"""Settings of the `surveillance` room, read from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class SurveillanceSettings(BaseSettings):
    """How small a published count may be."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    surveillance_suppress_up_to: int = Field(
        default=10, ge=1, description="Published counts from 1 to this number are hidden; zero may be told"
    )
