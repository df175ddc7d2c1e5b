"""From findings and clinical information to a level, flags and reasons: pure functions over plain data."""
