"""The front door: settings, create_app(), the command line, the all-in-one local mode."""
