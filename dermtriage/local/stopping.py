"""Ends the demo in order when it is told to: by Ctrl-C, by SIGTERM, or when its terminal goes away."""

import signal
import threading
from types import FrameType


class Stopped(Exception):
    """The demo was told to stop."""


class Stopping:
    """Remembers that a signal came. It interrupts no step, so that no child is forgotten."""

    def __init__(self) -> None:
        self._told = threading.Event()

    def listen(self) -> None:
        """From now on the signals are heard here."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)

    def check(self) -> None:
        """Raise Stopped when a signal has come."""
        if self._told.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Wait, or raise Stopped as soon as a signal comes."""
        if self._told.wait(seconds):
            raise Stopped

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._told.set()
