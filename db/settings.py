"""Where the data lies: settings of the `db` room, read from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
    """Connection and image store. Both have no sensible default in production, so neither has one here."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = Field(description="SQLAlchemy URL of PostgreSQL: postgresql+psycopg://user@host/name")
    image_store_url: str = Field(
        description="fsspec URL of the folder for photographs: file:///data/images or s3://bucket"
    )
    database_pool_size: int = Field(default=5, ge=1, description="Connections a process keeps open")
