"""Requests to the server: pooled connections, time-outs, retries, back-pressure. Knows nothing of models.

What the server says in words is never repeated in an error or a log: it may quote the request.
"""

import json
import os
import time
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from vlm.errors import RemoteUnavailable
from vlm.remote.gate import Gate
from vlm.remote.retrying import OVERLOADED, Pace, is_passing, seconds_asked

log = structlog.get_logger()

LONGEST_CONNECT_S = 10.0
LARGEST_ANSWER = 64 << 20
CHUNK = 1 << 16
REMEDIES = {
    400: "it does not take such a request; its own log says why",
    401: "set VLM_REMOTE_KEY to a key that it takes",
    403: "set VLM_REMOTE_KEY to a key that may use this model",
    404: "check the URL (it usually ends in /v1) and the model's name",
    413: "raise the limit on request bodies of the server or of the proxy before it",
    422: "it does not take such a request; its own log says why",
}


class Passing(Exception):
    """What may be otherwise at the next attempt, as one or two words; `asked`: the server's Retry-After."""

    def __init__(self, text: str, *, asked: float | None = None, overloaded: bool = False) -> None:
        super().__init__(text)
        self.asked, self.overloaded = asked, overloaded


class Client:
    """Speaks JSON with one server. Safe for calls from several threads at once."""

    def __init__(self, url: str, key: str, timeout_s: float, pace: Pace, concurrency: int) -> None:
        self.url, self.timeout_s, self.pace = url, timeout_s, pace
        self.gate = Gate(concurrency)
        self._session = _session(key, concurrency)

    def get(self, path: str) -> Any:
        """The JSON at `path` below the base URL. Raises `RemoteUnavailable`."""
        return self._insisting("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that comes back. Raises `RemoteUnavailable`."""
        return self._insisting("POST", path, json.dumps(body, separators=(",", ":")).encode())

    def _insisting(self, method: str, path: str, body: bytes | None) -> Any:
        failures = 0
        while True:
            try:
                with self.gate.passing():
                    answer = self._asked(method, path, body)
                self.gate.went_well()
                return answer
            except Passing as fault:
                failures += 1
                wait = self.pace.wait(failures, fault.asked)
                if fault.overloaded:
                    self.gate.too_much(wait)
                if failures >= self.pace.attempts:
                    raise RemoteUnavailable(
                        f"{self.url}: {fault}, after {failures} attempts; see that the server runs"
                    ) from None
                log.info("remote_model_retry", fault=str(fault), failures=failures, wait_s=round(wait, 3))
                time.sleep(wait)

    def _asked(self, method: str, path: str, body: bytes | None) -> Any:
        deadline = time.monotonic() + self.timeout_s
        try:
            with self._session.request(
                method,
                self.url + path,
                data=body,
                timeout=(min(self.timeout_s, LONGEST_CONNECT_S), self.timeout_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                self._refuse(response)
                return json.loads(self._whole_body(response, deadline))
        except requests.exceptions.SSLError as error:
            # A handshake may also break off because the server is about to end.
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise Passing("no TLS connection") from None
            raise RemoteUnavailable(
                f"{self.url}: its certificate is not trusted; name the CA's file in REQUESTS_CA_BUNDLE",
                permanent=True,
            ) from None
        except (requests.Timeout, ReadTimeoutError, TimeoutError):
            # A server that no longer keeps up is slow before it says 503.
            raise Passing("no answer in time", overloaded=True) from None
        except (requests.RequestException, HTTPError, OSError) as error:
            raise Passing(f"connection failed ({type(error).__name__})") from None
        except (ValueError, RecursionError):
            raise Passing("its answer is no JSON") from None

    def _refuse(self, response: requests.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        if is_passing(status):
            asked = seconds_asked(response.headers.get("Retry-After"), datetime.now(UTC))
            raise Passing(f"status {status}", asked=asked, overloaded=status in OVERLOADED)
        remedy = REMEDIES.get(status, "give the URL under which it answers itself")
        raise RemoteUnavailable(f"{self.url}: status {status}; {remedy}", permanent=True)

    def _whole_body(self, response: requests.Response, deadline: float) -> bytes:
        """All of it by the deadline: a socket's own time-out begins anew with every byte."""
        body = bytearray()
        while chunk := response.raw.read1(CHUNK):
            body += chunk
            if time.monotonic() > deadline:
                raise TimeoutError
            if len(body) > LARGEST_ANSWER:
                raise RemoteUnavailable(
                    f"{self.url}: an answer of more than {LARGEST_ANSWER} bytes; is it a model server?",
                    permanent=True,
                )
        return bytes(body)


def _session(key: str, concurrency: int) -> requests.Session:
    session = requests.Session()
    # No proxy and no .netrc of the environment: photographs go to the server that was named, with its key.
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(
        {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
    )
    if key:
        session.headers["Authorization"] = f"Bearer {key}"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=concurrency, max_retries=0))
    return session
