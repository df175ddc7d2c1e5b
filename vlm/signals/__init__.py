"""What a clinician should know of a reading beside its findings: measured from pixels, text and scores."""
