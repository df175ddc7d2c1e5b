"""The thresholds of a policy as a calibration has them, ready to take the place of a policy file's own."""

from typing import Any

import yaml

from triage.policy import Policy
from vlm.calibrating import Fitted

HEAD = """# Takes the place of `thresholds:` in a triage policy; give that policy a new `version`.
# Chosen by: {rule}.
# What the calibration does not choose is as in {policy}. A clinician approves it before use.
"""


def thresholds_of(fitted: Fitted, policy: Policy) -> dict[str, Any]:
    """The policy's thresholds, its suspicions set anew where the validation rows have cases of them."""
    thresholds = policy.thresholds.model_dump()
    own = {name: point for name, point in fitted.suspicions.items() if name in thresholds["suspected"]}
    return thresholds | {"suspected": thresholds["suspected"] | own}


def fragment(fitted: Fitted, policy: Policy) -> str:
    """The YAML text."""
    body = yaml.safe_dump({"thresholds": thresholds_of(fitted, policy)}, sort_keys=False)
    return HEAD.format(rule=fitted.rule, policy=policy.label) + body
