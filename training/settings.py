"""Settings of the training, from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrainingSettings(BaseSettings):
    """Where the training photographs lie."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    data: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("DATA", "DERMTRIAGE_DATA"),
        description="Folder of training data with pox/ and derm/; --data of the training command goes first",
    )
