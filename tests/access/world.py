"""One database with everybody and every case in it, and trials on it that leave no trace.

All requests of a trial run on one connection whose transaction is rolled back at the end; the application's
own transactions are savepoints in it. So each of thousands of requests meets the same world.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, text
from werkzeug.test import TestResponse

from db.models import Base
from tests.access.people import Person
from web.access import SESSION_COOKIE, Caller
from web.services import EXTENSION

# Sessions note when they were last used; what counts of them is who is signed in. That somebody looked at a
# case stands in its audit trail, and the end of the trail on the case.
UNSEEN = {"clinician_sessions", "failed_sign_ins"}
TRAIL_END = {"cases": " - 'audit_seq' - 'audit_head'"}
SIGNED_IN = "SELECT 'clinician_sessions', count(*), 0 FROM clinician_sessions WHERE revoked_at IS NULL"
STATE = text(
    " UNION ALL ".join(
        [SIGNED_IN]
        + [
            f"SELECT '{name}', count(*), coalesce(sum(hashtextextended("
            f"(to_jsonb(row){TRAIL_END.get(name, '')})::text, 0)), 0) FROM {name} row"
            for name in sorted(set(Base.metadata.tables) - UNSEEN)
        ]
    )
)

State = dict[str, tuple[int, int]]
QUEUE, OWN_PAGE = "/review/", "/review/me"
INSIDE = re.compile(r"\b(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


class World:
    """The application on a database that trials change for a moment only."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.engine: Engine = app.extensions[EXTENSION].sessions.kw["bind"]
        self.people: dict[tuple[str, str], Person] = {}
        self.keys: dict[str, str] = {}
        self._form_cookie, self.form_token = _form_token(app)

    @contextmanager
    def trial(self) -> Iterator["Trial"]:
        """Whatever happens inside is undone afterwards."""
        sessions = self.app.extensions[EXTENSION].sessions
        with self.engine.connect() as connection:
            transaction = connection.begin()
            sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
            try:
                yield Trial(self, connection)
            finally:
                sessions.configure(bind=self.engine, join_transaction_mode="conditional_savepoint")
                transaction.rollback()

    def browser(self, cookie: str | None = None) -> FlaskClient:
        """A browser that holds a form's token, and is signed in where a cookie is given."""
        client = self.app.test_client()
        client.set_cookie("session", self._form_cookie)
        if cookie:
            client.set_cookie(SESSION_COOKIE, cookie)
        return client


class Trial:
    """Requests against the world, and what they changed."""

    def __init__(self, world: World, connection: Connection) -> None:
        self.world, self.connection = world, connection
        self.wrote = False
        self._at_rest: State | None = None
        event.listen(connection, "after_cursor_execute", self._note_writing)
        self._browser = world.browser()

    def run(self, statement: str, **values: Any) -> None:
        """Arrange something in the database."""
        self._at_rest = None
        self.connection.execute(text(statement), values)

    def at_rest(self) -> State:
        """The state as it was arranged, to compare with; call it when nothing else was done."""
        self._at_rest = self._at_rest or self.state()
        return self._at_rest

    def state(self) -> State:
        """Number and digest of the rows of each table."""
        return {row[0]: (row[1], int(row[2])) for row in self.connection.execute(STATE)}

    def _note_writing(self, _: Any, cursor: Any, statement: str, *rest: Any) -> None:
        """Remember that something may have changed; a statement that met no row changed nothing."""
        first = statement.split(maxsplit=1)[0].upper()
        changes = first in ("INSERT", "UPDATE", "DELETE") and cursor.rowcount
        # What changes rows inside a query is not told by the number of rows that the query gives.
        self.wrote |= bool(changes) or (first == "WITH" and bool(INSIDE.search(statement)))

    def ids(self) -> set[str]:
        """The ids of all rows that have one."""
        named = (table.name for table in Base.metadata.sorted_tables if "id" in table.columns)
        rows = self.connection.execute(text(" UNION ALL ".join(f"SELECT id::text FROM {it}" for it in named)))
        return {row[0] for row in rows}

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A part of the trial that leaves no trace in the rest of it."""
        savepoint, at_rest = self.connection.begin_nested(), self._at_rest
        try:
            yield
        finally:
            savepoint.rollback()
            self._at_rest = at_rest

    def by_program(self, person: Person, method: str, address: str, body: Any = None) -> TestResponse:
        """A request with the bearer token."""
        headers = {"Authorization": f"Bearer {person.bearer}"}
        return self.world.app.test_client().open(address, method=method, headers=headers, json=body)

    def by_page(self, person: Person, method: str, address: str, form: Any = None) -> TestResponse:
        """A request with the cookie and the form's token, from a browser opened for it."""
        self._browser = self.world.browser(person.cookie)
        data = {**(form or {}), "csrf_token": self.world.form_token} if method != "GET" else None
        return self._browser.open(address, method=method, data=data)

    def led_to(self, location: str | None) -> str:
        """The page that the last answer led the browser to: it tells what was refused, and why.

        What the queue itself tells is looked at elsewhere; its message stands on any other page as well.
        """
        address = OWN_PAGE if location and urlsplit(location).path == QUEUE else location
        return everything(self._browser.get(address)) if address else ""

    def signed(self, person: Person, endpoint: str, review_id: UUID, n: int) -> str:
        """A photograph's address as the case's page would hand it to this person now."""
        from review.image_addresses import image_address

        with self.world.app.test_request_context():
            of_page = endpoint.startswith("review_pages.")
            session_id = person.page_session if of_page else person.program_session
            g.caller = Caller(clinician_id=person.id, session_id=session_id)
            return image_address(endpoint, review_id, n)


def everything(answer: TestResponse) -> str:
    """Headers and body, without the cookies; bytes of pictures as Latin-1."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
    return f"{answer.status_code}\n{headers}\n\n{answer.data.decode('utf-8', errors='replace')}"


def _form_token(app: Flask) -> tuple[str, str]:
    client = app.test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/review/sign-in").text)
    cookie = client.get_cookie("session")
    assert found
    assert cookie
    return cookie.value, found[1]
