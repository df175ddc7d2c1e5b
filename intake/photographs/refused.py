"""Why a photograph was refused, in words that say what to do and repeat nothing of it."""

RETAKE = "Send the photograph again as JPEG, PNG, WebP or HEIC, as the camera or telephone wrote it."


class Refused(Exception):
    """This file is not accepted as a photograph. `detail` says why, `remedy` what to do."""

    def __init__(self, detail: str, remedy: str = RETAKE) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy


def truncated() -> Refused:
    """The file ends before the picture does."""
    return Refused("The file is incomplete: it ends before the picture does.", "Send the whole file.")


def broken() -> Refused:
    """The file's structure is not what its format asks for."""
    return Refused("The file is damaged: its structure is not that of its format.")


def animated() -> Refused:
    """More than one picture in time."""
    return Refused("The file is animated.", "Send a still photograph.")
