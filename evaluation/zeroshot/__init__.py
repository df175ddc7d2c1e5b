"""Classification without training on the classes: every class name is scored as the answer to one question."""
