"""From images and clinical information to a checkpoint. Knows nothing of the service."""
