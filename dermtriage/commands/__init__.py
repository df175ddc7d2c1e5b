"""The commands of `dermtriage`, one module each with a click command named `command`."""
