"""From images and clinical information to a checkpoint."""
