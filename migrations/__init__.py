"""Alembic migrations, run by `dermtriage migrate`."""
