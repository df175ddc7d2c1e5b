"""`dermtriage worker`: assesses queued cases and does the background work."""

import click

from worker.names import QUEUES


@click.command()
@click.option(
    "--queues",
    default=",".join(QUEUES),
    show_default=True,
    help="What to work on. Without `assess` no model is loaded.",
)
def command(queues: str) -> None:
    """Run a worker until SIGTERM; it finishes the batch in hand. One process a GPU."""
    chosen = [name.strip() for name in queues.split(",")]
    if unknown := sorted(set(chosen) - set(QUEUES)):
        raise click.BadParameter(f"no queue {', '.join(unknown)}; known: {', '.join(QUEUES)}")

    from prometheus_client import start_http_server

    from dermtriage.observability import configure_logging, prepare_metrics_folder

    prepare_metrics_folder()  # before any metric is made

    from dermtriage.tasks import worker_process

    configure_logging()
    process = worker_process(chosen)
    if process.settings.worker_metrics_port:
        start_http_server(process.settings.worker_metrics_port)
    raise SystemExit(process.run())
