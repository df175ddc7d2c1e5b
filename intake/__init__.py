"""Platforms submit cases: request parsing, image checks, idempotency.

Knows no model: a case is accepted, its rule floor decided, and the workers are told that there is work.
"""

from intake import read_case, submit_case
from intake.blueprint import cases_api
from intake.idempotency import forget_old_keys

__all__ = ["cases_api", "forget_old_keys", "read_case", "submit_case"]
