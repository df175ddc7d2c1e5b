"""Wake-ups sent beside the request: who answers a platform does not wait for the broker.

Many calls while one message is on its way become one message more: a wake-up says only that there is work.
"""

import threading
from collections.abc import Callable


class WakeLater:
    """Calls `send` soon, in a thread of its own. A call that comes while it sends is followed by one more."""

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def __call__(self) -> None:
        """Ask for a wake-up; returns at once. What is not sent when the process ends, a timer finds."""
        self._asked.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    # Started at the first call: a thread made before gunicorn forks would not live on.
                    self._thread = threading.Thread(target=self._run, name="wake-later", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            self._send()
