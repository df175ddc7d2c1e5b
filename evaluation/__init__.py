"""From a checkpoint to tables with intervals."""
