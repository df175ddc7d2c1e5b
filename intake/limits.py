"""The limits of intake, for the request at hand."""

from intake.settings import IntakeSettings
from web.services import services


def limits() -> IntakeSettings:
    """The settings of this room."""
    found: IntakeSettings = services().room_settings["intake"]
    return found
