"""What every evaluation of a classification shares: rows with a class, streams of photographs, metrics, reports."""
