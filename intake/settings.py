"""Limits of intake, read from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1_000_000


class IntakeSettings(BaseSettings):
    """How much one submission may hold, and for how long its key is remembered."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    max_request_bytes: int = Field(default=50 * MEGABYTE, gt=0, description="Bytes of one request")
    max_image_bytes: int = Field(default=20 * MEGABYTE, gt=0, description="Bytes of one photograph")
    max_images: int = Field(default=8, ge=1, le=100, description="Photographs of one submission")
    # Pillow warns above 89 million pixels by itself; the limit stays below, so it is ours alone.
    max_image_pixels: int = Field(
        default=50_000_000, gt=0, le=80_000_000, description="Pixels of one photograph, read before decoding"
    )
    max_clinical_bytes: int = Field(
        default=64_000, gt=0, le=500_000, description="Bytes of the JSON in the field case"
    )
    idempotency_key_days: int = Field(
        default=7, ge=1, description="Days for which an Idempotency-Key is remembered"
    )
