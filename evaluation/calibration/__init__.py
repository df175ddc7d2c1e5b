"""From validation answers to `calibration.json`, thresholds of a policy, and what both are worth."""
