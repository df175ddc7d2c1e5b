"""`dermtriage dataset`: from sources to data that can be trained and evaluated on. One command a file."""

import click

from dermtriage.lazy_group import LazyGroup

TABLE: dict[str, str] = {
    "score": "Precision and recall of figure-caption pairs against a truth.",
}


@click.group(cls=LazyGroup, package="dermtriage.commands.dataset", table=TABLE)
def command() -> None:
    """Check manifests, make question-answer pairs, and walk the road from textbooks to image-text pairs."""
