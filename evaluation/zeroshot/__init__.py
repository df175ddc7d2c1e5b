"""Classification without training on the classes: every name is scored as the answer to one question."""
