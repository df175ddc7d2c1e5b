"""How long people stay signed in on the pages, and who needs a second factor: settings of the `web` room."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from web.grants import Role


class WebSettings(BaseSettings):
    """Sessions and second factor; the defaults suit people who share rooms, not computers."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    session_idle_minutes: int = Field(
        default=30, ge=1, description="After so long without opening a page a person signs in again"
    )
    session_rotate_minutes: int = Field(
        default=15, ge=1, description="How old a page session's token may grow before it is replaced"
    )
    second_factor_roles: Annotated[tuple[Role, ...], NoDecode] = Field(
        default=(),
        description="Roles that must set up a second factor, such as senior,administrator; "
        "a person who has set one up always needs it",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        description="How many proxies stand in front: the caller's address and https are then taken from "
        "the headers that they set",
    )

    @field_validator("second_factor_roles", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        return (
            [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value
        )

    @property
    def idle_limit(self) -> timedelta:
        """The longest time between two pages."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def rotate_after(self) -> timedelta:
        """The greatest age of a page session's token."""
        return timedelta(minutes=self.session_rotate_minutes)
