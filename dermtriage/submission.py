"""Submits a case over HTTP and follows it, as a platform's program would.

Knows nothing of how the result is shown.
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from dermtriage.local.home import find_home

TIMEOUT_S = 60
LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
# What the model still has to do something for; any other status ends the wait.
UNDER_WAY = frozenset(("queued", "assessing"))


class SubmissionError(Exception):
    """What went wrong, with its remedy; `exit_code` is that of the command."""

    exit_code = 1


class Unreachable(SubmissionError):
    """Nobody answers, or not in time."""

    exit_code = 3


def find_access(url: str | None, api_key: str | None) -> tuple[str, str]:
    """Where to and by which key: as given, else DERMTRIAGE_URL and DERMTRIAGE_API_KEY, else the demo's."""
    url, api_key = url or os.environ.get("DERMTRIAGE_URL"), api_key or os.environ.get("DERMTRIAGE_API_KEY")
    if not (url and api_key):
        demo = find_home().recall("demo")
        if demo is None:
            raise SubmissionError(
                "There is no demo to submit to. Start it by `make demo`, or give --url and --api-key "
                "(or DERMTRIAGE_URL and DERMTRIAGE_API_KEY)."
            )
        # A key belongs to its server: the demo's is never sent to another one.
        if url and url.rstrip("/") != demo["url"]:
            raise SubmissionError("Give --api-key (or DERMTRIAGE_API_KEY) for this --url.")
        url, api_key = url or demo["url"], api_key or demo["api_key"]
    if urlsplit(url).scheme not in ("http", "https"):
        raise SubmissionError("The URL begins with http:// or https://.")
    return url.rstrip("/"), api_key


class Platform:
    """One platform's key on one server."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url
        self._session = requests.Session()
        # A proxy of the user's environment has nothing to do with this machine.
        self._session.trust_env = urlsplit(url).hostname not in LOOPBACK
        self._session.headers["Authorization"] = f"Bearer {api_key}"

    def submit(self, clinical: bytes, photographs: Iterable[Path], key: str) -> dict[str, Any]:
        """Send one case; the answer 202. The file names of the photographs stay here."""
        files: list[tuple[str, tuple[str, bytes, str]]] = [("case", ("case", clinical, "application/json"))]
        for number, photograph in enumerate(photographs):
            files.append(("images", (str(number), photograph.read_bytes(), "application/octet-stream")))
        return self._ask("POST", "/v1/cases", files=files, headers={"Idempotency-Key": key})

    def case(self, case_id: str) -> dict[str, Any]:
        """The case as it stands."""
        return self._ask("GET", f"/v1/cases/{case_id}")

    def wait(self, case_id: str, seconds: float, tell: Callable[[str], None]) -> dict[str, Any]:
        """The case once the model is done with it or a person has it; `tell` hears each status.

        Raises Unreachable when that takes longer than `seconds`.
        """
        end, pause = time.monotonic() + seconds, 0.2
        while True:
            case = self.case(case_id)
            tell(case["status"])
            if case["status"] not in UNDER_WAY:
                return case
            if time.monotonic() > end:
                raise Unreachable(f"Case {case_id} is accepted, and no result came in {seconds:.0f} s.")
            time.sleep(pause)
            pause = min(2.0, pause * 1.3)

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self.url + path, timeout=TIMEOUT_S, **arguments)
        except requests.RequestException as error:
            raise Unreachable(f"{self.url} does not answer ({type(error).__name__}). Does it run?") from None
        if not answer.ok:
            raise SubmissionError(_problem_in_words(answer))
        return dict(answer.json())


def _problem_in_words(answer: requests.Response) -> str:
    try:
        problem = answer.json()
        lines = [f"{answer.status_code} {problem['title']}: {problem['detail']}"]
        for error in problem.get("errors", []):
            lines.append(f"  {error['field']}: {error['detail']} {error.get('remedy', '')}".rstrip())
    except (json.JSONDecodeError, requests.JSONDecodeError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason}, and no explanation that can be read."
    return "\n".join(lines)
