"""A small HTTP client of the product, as a platform's engineer would write one."""

import json
from typing import Any

import requests

TIMEOUT_S = 60


class Client:
    """Speaks to the API at `url` with a bearer credential: an API key or a clinician's session."""

    def __init__(self, url: str, bearer: str = "") -> None:
        self.url = url
        self._session = requests.Session()
        # Local: a proxy of the user's environment has nothing to do with it.
        self._session.trust_env = False
        if bearer:
            self._session.headers["Authorization"] = f"Bearer {bearer}"

    def is_ready(self) -> bool:
        """Whether the API answers and has its database."""
        try:
            return self._session.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def submit(
        self, clinical: dict[str, Any], photographs: list[bytes], idempotency_key: str
    ) -> dict[str, Any]:
        """Send one case; the answer of 202. The same key again gives the same case."""
        files = [("images", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photographs, 1)]
        return self._json(
            "POST", "/v1/cases", data={"case": json.dumps(clinical)}, files=files,
            headers={"Idempotency-Key": idempotency_key},
        )  # fmt: skip

    def case(self, case_id: str) -> dict[str, Any]:
        """One case as the platform sees it."""
        return self.get(f"/v1/cases/{case_id}")

    def get(self, path: str) -> dict[str, Any]:
        """Any other reading call."""
        return self._json("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Any other call that takes JSON."""
        return self._json("POST", path, json=body or {})

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _json(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = self._session.request(method, self.url + path, timeout=TIMEOUT_S, **arguments)
        if not answer.ok:
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return dict(answer.json()) if answer.content else {}
