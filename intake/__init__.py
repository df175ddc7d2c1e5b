"""Platforms submit cases: request parsing, image checks, idempotency.

Knows no model: a case is accepted, its rule floor decided, and the workers are told that there is work.
"""

from intake import (
    add_photographs,
    cancel_case,
    erase_case,
    list_cases,
    read_case,
    read_image,
    submit_case,
)
from intake.blueprint import cases_api
from intake.tidying import tidy_up

# One module an endpoint; importing it registers its route.
ENDPOINTS = (submit_case, list_cases, read_case, read_image, add_photographs, cancel_case, erase_case)

__all__ = ["ENDPOINTS", "cases_api", "tidy_up"]
