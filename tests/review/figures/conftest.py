"""People of every role, each with a browser that is signed in."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from db.models import Clinician
from tests.review.conftest import add_reader, token_for
from web.access import SESSION_COOKIE

SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def signed_in(app: Flask, session: Session) -> SignedIn:
    """Adds a person of a role, or takes the one given, and opens a browser for them."""

    def sign_in(role: str, person: Clinician | None = None, **fields: object) -> FlaskClient:
        person = person or add_reader(session, f"{role}@example.org")
        person.role = role
        for name, value in fields.items():
            setattr(person, name, value)
        session.commit()
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, token_for(session, person))
        return client

    return sign_in
