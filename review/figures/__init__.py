"""How people and the model do: agreement, overrides, times, subgroups, drift. Nothing here changes a case."""
