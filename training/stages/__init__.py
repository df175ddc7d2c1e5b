"""The five stages. Each is a module with `prepare(settings) -> Prepared`; to add one, write such a module
and name its settings in `training.config.SETTINGS`."""
