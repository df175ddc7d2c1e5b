"""Settings of the models, from the environment. Which model runs, and where, is for who loads it to say."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class VlmSettings(BaseSettings):
    """What a model may use of the machine."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    vlm_threads: int = Field(
        default=1, ge=1, description="CPU threads of a model; more than one needs idle cores"
    )
