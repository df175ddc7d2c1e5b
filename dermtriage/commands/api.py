"""`dermtriage api`: gunicorn around the HTTP application."""

from typing import Any

import click


@click.command()
def command() -> None:
    """Run the HTTP server until SIGTERM. HOST, PORT, WEB_WORKERS and WEB_THREADS set where and how wide."""
    from gunicorn.app.base import BaseApplication

    from dermtriage.app import create_app
    from dermtriage.observability import configure_logging, forget_process
    from dermtriage.settings import load_settings
    from dermtriage.tasks import wake_deliveries, wake_up

    settings = load_settings()
    configure_logging()
    front_door = settings.front_door

    class Server(BaseApplication):  # type: ignore[misc]
        """Gunicorn configured by our settings instead of its own command line."""

        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{front_door.host}:{front_door.port}",
                "workers": front_door.web_workers,
                "worker_class": "gthread",
                "threads": front_door.web_threads,
                "timeout": 60,
                "graceful_timeout": 10,
                "child_exit": lambda _server, child: forget_process(child.pid),
                "logconfig_dict": {"version": 1, "disable_existing_loggers": False},
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return create_app(settings, wake_up=wake_up, wake_deliveries=wake_deliveries)

    Server().run()
