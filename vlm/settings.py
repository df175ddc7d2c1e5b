"""Settings of the models, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class VlmSettings(BaseSettings):
    """Environment names begin with `VLM_`."""

    model_config = SettingsConfigDict(env_prefix="VLM_", extra="ignore")

    model: str = Field(default="bundled", description="Model to load: bundled, simulated:..., or a folder")
    device: str = Field(default="auto", description="auto, cpu, or cuda[:n]")
    threads: int = Field(
        default=1, ge=1, description="CPU threads of a model; more than one needs idle cores"
    )
