"""Names that the broker sees."""

ASSESS_QUEUE = "assess"
BACKGROUND_QUEUE = "background"
QUEUES = (ASSESS_QUEUE, BACKGROUND_QUEUE)

DRAIN_TASK = "dermtriage.drain"
