"""What evaluations of a classification share: rows with a class, photographs streamed, metrics, reports."""
