"""What can go wrong around the local servers, each with its remedy in the message."""


class LocalServiceError(Exception):
    """A local server cannot be had: the message says why and what to do."""


class BinaryMissing(LocalServiceError):
    """No program of that kind was found, neither on this machine nor in the installed packages."""


class ServerDidNotStart(LocalServiceError):
    """The server ended or stayed silent; the message carries the end of its log."""


class HomeInUse(LocalServiceError):
    """Another demo runs in the same folder."""


class PortTaken(LocalServiceError):
    """Something else listens on the port that the demo should use."""


class PartNotReady(LocalServiceError):
    """A part of the demo did not come up in time; the message names its log."""
