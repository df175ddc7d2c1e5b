"""Random secrets, shown once and stored as their hash."""

import secrets
from hashlib import sha256


def digest_of(token: str) -> bytes:
    """What is stored of a token."""
    return sha256(token.encode()).digest()


def new_token(prefix: str) -> tuple[str, bytes]:
    """A 256-bit random secret with a prefix that says what it is, and the SHA-256 that is stored."""
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    return token, digest_of(token)
