"""Signed delivery of events to platforms: outbox, retries, address guard."""
