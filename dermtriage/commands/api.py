"""`dermtriage api`: gunicorn around the HTTP application."""

from typing import Any

import click


@click.command()
def command() -> None:
    """Run the HTTP server until SIGTERM. HOST, PORT, WEB_WORKERS and WEB_THREADS set where and how wide."""
    from gunicorn.app.base import BaseApplication

    from dermtriage import observability

    observability.prepare_metrics_folder()  # before any metric is made
    observability.remove_files_of_ended_processes()

    from dermtriage.app import create_app
    from dermtriage.observability.gunicorn_log import GunicornLog
    from dermtriage.settings import load_settings
    from dermtriage.tasks import wake_deliveries, wake_up

    settings = load_settings()
    observability.configure_logging()
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
                "child_exit": lambda _server, child: observability.forget_process(child.pid),
                "logger_class": GunicornLog,
                "errorlog": None,
                "control_socket_disable": True,  # it would lie in the user's home, the same for every server
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return create_app(settings, wake_up=wake_up, wake_deliveries=wake_deliveries)

    Server().run()
