"""`dermtriage scheduler`: Celery beat. Its clock is in memory: what it wakes finds its work in SQL."""

import click


@click.command()
def command() -> None:
    """Run the clock until SIGTERM. One is enough; workers sweep by their own timer when it is gone."""
    from dermtriage.observability import configure_logging
    from dermtriage.tasks import celery_app

    configure_logging()
    celery_app().Beat(scheduler="celery.beat:Scheduler", loglevel="INFO", quiet=True).run()
