"""How long clinicians hold a case, may undo, and stay signed in: settings of the `review` room."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ReviewSettings(BaseSettings):
    """Times of the clinicians' queue; the defaults suit a team that reads all day."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    review_lease_seconds: int = Field(
        default=900, ge=1, description="How long a clinician holds a claimed case before it goes back"
    )
    review_hold_seconds: int = Field(
        default=7200, ge=1, description="How long heart-beats of an open page can hold a case at most"
    )
    review_skip_minutes: int = Field(
        default=60, ge=1, description="How long a clinician is not offered a case that they skipped"
    )
    review_escalation_share: float = Field(
        default=0.5, gt=0, lt=1,
        description="Part of a level's target, late, after which seniors hear of it; administrators after 1",
    )  # fmt: skip
    review_undo_seconds: int = Field(
        default=60, ge=0, description="How long a decision waits before it is final; 0 for emergencies always"
    )
    review_image_seconds: int = Field(
        default=300, ge=1, description="How long the address of a photograph is valid that a case page names"
    )
    review_session_hours: int = Field(
        default=12, ge=1, le=168, description="How long a person stays signed in at most"
    )
    review_failed_sign_ins: int = Field(
        default=10,
        ge=1,
        description="Wrong passwords, or codes, for one person from one browser or address in 15 minutes",
    )

    @property
    def session_lifetime(self) -> timedelta:
        """How long a clinician stays signed in."""
        return timedelta(hours=self.review_session_hours)
