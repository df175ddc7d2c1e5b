"""`dermtriage demo`: everything on this machine, for newcomers."""

import click


@click.command()
def command() -> None:
    """Start everything locally, with sample cases, until Ctrl-C.

    PORT (8000) and DERMTRIAGE_HOME (a folder among the user's data) may be set in the environment.
    """
    from dermtriage.local.demo import run_demo

    run_demo()
