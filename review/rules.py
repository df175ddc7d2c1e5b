"""What decisions go by in this installation."""

from datetime import timedelta
from typing import NamedTuple

from triage import Diagnoses, Policy


class Rules(NamedTuple):
    """The triage policy, the coded diagnoses, how long a decision can be undone, how long a claim holds."""

    policy: Policy
    diagnoses: Diagnoses
    undo: timedelta
    lease: timedelta
