"""What the tests of the queue share: people with grants, further readings, a browser's window."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import Case, Clinician, FurtherReading, Platform, PlatformGrant
from db.readers import Reader
from tests.factories import make_further
from tests.review.conftest import password_hash, token_for
from web.access import SESSION_COOKIE

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def add_person(
    session: Session, name: str = "Dr Other", *, granted: tuple[Platform, ...] | None = None, **fields: Any
) -> Clinician:
    """A committed person; `granted` None: all platforms."""
    person = Clinician(
        email=f"{new_id()}@example.org",
        name=name,
        password_hash=password_hash(),
        all_platforms=granted is None,
        **fields,
    )
    session.add(person)
    session.flush()
    session.add_all(PlatformGrant(clinician_id=person.id, platform_id=each.id) for each in granted or ())
    session.commit()
    return person


def as_reader(person: Clinician, *platforms: Platform) -> Reader:
    """The person as queries take them."""
    granted = None if person.all_platforms else frozenset(platform.id for platform in platforms)
    return Reader(person.id, person.role, granted, tuple(person.regions), tuple(person.languages))


def add_further(session: Session, case: Case, first: Clinician, **fields: Any) -> FurtherReading:
    """A committed second reading of a case that `first` decided."""
    return make_further(session, case, first.id, **fields)


class Window:
    """A signed-in person's browser without scripts: opens pages and sends forms with their token."""

    def __init__(self, client: FlaskClient, session: Session, person: Clinician) -> None:
        client.set_cookie(SESSION_COOKIE, token_for(session, person))
        self.client, self.text = client, ""

    def open(self, address: str = "/review/") -> str:
        answer = self.client.get(address, follow_redirects=True)
        assert answer.status_code == 200, answer.status
        self.text = answer.text
        return self.text

    def send(self, address: str, **form: object) -> Any:
        found = TOKEN.search(self.text)
        assert found, "the page has no form"
        answer = self.client.post(address, data={"csrf_token": found[1], **form}, follow_redirects=True)
        self.text = answer.text
        return answer
