"""Platforms submit cases: request parsing, image checks, idempotency."""
