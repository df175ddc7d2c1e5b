"""Clinicians: queue, claim, decision; their web pages."""
