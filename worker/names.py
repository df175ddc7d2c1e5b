"""Names that the broker sees."""

ASSESS_QUEUE = "assess"
BACKGROUND_QUEUE = "background"
SHADOW_QUEUE = "shadow"
QUEUES = (ASSESS_QUEUE, BACKGROUND_QUEUE, SHADOW_QUEUE)

DRAIN_TASK = "dermtriage.drain"
# "Another model may be wanted": as empty as every message; who misses it looks by itself.
ACTIVATE_TASK = "dermtriage.activate"
TRIAL_TASK = "dermtriage.trial"
