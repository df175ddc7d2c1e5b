"""What the HTTP rooms are given by the front door: sessions, image store, policy, diagnoses, wake-up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from db.image_store import ImageStore
from db.session import SessionFactory
from web.settings import WebSettings

EXTENSION = "dermtriage"


@dataclass(frozen=True)
class Services:
    """Shared by all rooms of one application.

    `wake_up` tells the workers that there is work; it never raises and carries no data.
    `wake_deliveries` does the same for webhooks. `room_settings` maps a room's name to its settings.
    """

    sessions: SessionFactory
    images: ImageStore
    policy: Any
    diagnoses: Any
    wake_up: Callable[[], None]
    wake_deliveries: Callable[[], None]
    room_settings: dict[str, Any]


def attach_services(app: Flask, found: Services) -> None:
    """Give an application its services."""
    app.extensions[EXTENSION] = found


def services() -> Services:
    """The services of the current application."""
    return services_of(current_app)


def services_of(app: Flask) -> Services:
    """The services of an application."""
    found: Services = app.extensions[EXTENSION]
    return found


def web_settings() -> WebSettings:
    """This room's own settings."""
    found: WebSettings = services().room_settings["web"]
    return found
