"""Counts that name nobody: suppression, exports, the trend page."""
