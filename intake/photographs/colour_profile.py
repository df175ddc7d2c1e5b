"""Colour profiles may stay, because they change what the pixels mean; only whole and plausible ones do."""

# Profiles of cameras and displays are a few kilobytes; printers' reach a few hundred.
MAX_PROFILE_BYTES = 4_000_000

_FOREIGN = (b"Exif\x00\x00", b"ns.adobe.com/xap", b"x:xmpmeta")


def is_plausible(profile: bytes) -> bool:
    """True for an ICC profile that is as long as it says and carries no other metadata inside."""
    return (
        132 <= len(profile) <= MAX_PROFILE_BYTES
        and int.from_bytes(profile[:4], "big") == len(profile)
        and profile[36:40] == b"acsp"
        and not any(mark in profile for mark in _FOREIGN)
    )
