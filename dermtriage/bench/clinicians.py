"""Clinicians at work through the pages, over kept connections, as browsers without scripts."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic, perf_counter, sleep

import requests
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, ClinicianSession
from dermtriage.local.processes import LOOPBACK
from web.access import SESSION_COOKIE
from web.credentials import new_token

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
DECISION = {"verdict": "override", "level": "routine", "diagnosis": "other", "reason": "seen in the bench"}


@dataclass
class Working:
    """What was done: the seconds of each action, and the reviews whose decision was answered for."""

    took: list[float] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Working") -> "Working":
        self.took += other.took
        self.decided += other.decided
        return self


def add_clinicians(session: Session, count: int) -> list[str]:
    """People who are signed in; the cookie of each."""
    cookies = []
    for number in range(count):
        person = Clinician(email=f"{number}@bench", name="Reader", password_hash="", all_platforms=True)
        session.add(person)
        session.flush()
        token, digest = new_token("dts")
        ends = now() + timedelta(hours=1)
        session.add(
            ClinicianSession(
                clinician_id=person.id, token_sha256=digest, expires_at=ends, second_factor_at=now()
            )
        )
        cookies.append(token)
    return cookies


def work(port: int, cookies: list[str], *, seconds: float, pause: float) -> Working:
    """Let these people work so long, each with an action every `pause` seconds, spread over that time."""
    end = monotonic() + seconds
    together = Working()
    with ThreadPoolExecutor(len(cookies)) as pool:
        turns = [pool.submit(_work, port, cookie, pause * number / len(cookies), pause, end)
                 for number, cookie in enumerate(cookies)]  # fmt: skip
        for turn in turns:
            together += turn.result()
    return together


def _work(port: int, cookie: str, begin: float, pause: float, end: float) -> Working:
    person = _Person(port, cookie)
    sleep(begin)
    due = monotonic()
    while due < end:
        sleep(max(0.0, due - monotonic()))
        person.act()
        due += pause
    # What is held is decided too, so that nobody claims it a second time.
    person.finish()
    return person.done


class _Person:
    """One clinician, who does the next thing each time."""

    def __init__(self, port: int, cookie: str) -> None:
        self.done = Working()
        self._address = f"http://{LOOPBACK}:{port}/review"
        self._session = requests.Session()
        # Local: a proxy of the user's environment has nothing to do with it.
        self._session.trust_env = False
        self._session.cookies.set(SESSION_COOKIE, cookie, domain=LOOPBACK)
        self._case, self._token, self._is_open = "", "", False

    def act(self) -> None:
        started = perf_counter()
        self._next()
        self.done.took.append(perf_counter() - started)

    def finish(self) -> None:
        if self._case:
            if not self._is_open:
                self._open_case()
            self._decide()
        self._session.close()

    def _next(self) -> None:
        if self._case and self._is_open:
            self._decide()
        elif self._case:
            self._open_case()
        elif self._token:
            self._claim()
        else:
            self._open_queue()

    def _open_queue(self) -> None:
        self._token = _token(_ok(self._session.get(f"{self._address}/", timeout=60), 200).text)

    def _claim(self) -> None:
        self._case = self._send("claim", {})
        if "/cases/" not in self._case:
            raise RuntimeError("no case waits: the bench measured nothing")

    def _open_case(self) -> None:
        page = _ok(self._session.get(f"{self._address}/cases/{self._review()}", timeout=60), 200)
        self._token, self._is_open = _token(page.text), True

    def _decide(self) -> None:
        self._send(f"cases/{self._review()}/decide", DECISION)
        self.done.decided.append(self._review())
        self._case, self._token, self._is_open = "", "", False

    def _review(self) -> str:
        return self._case.rstrip("/").rpartition("/")[2]

    def _send(self, path: str, form: dict[str, str]) -> str:
        answer = self._session.post(
            f"{self._address}/{path}", data={**form, "csrf_token": self._token}, allow_redirects=False,
            timeout=60,
        )  # fmt: skip
        return _ok(answer, 302).headers["Location"]


def _ok(answer: requests.Response, status: int) -> requests.Response:
    if answer.status_code != status:
        raise RuntimeError(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:2000]}")
    return answer


def _token(page: str) -> str:
    found = TOKEN.search(page)
    if found is None:
        raise RuntimeError("the page has no form: nobody is signed in")
    return found[1]
