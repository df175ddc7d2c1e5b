"""`dermtriage bench`: the figures of docs/PERFORMANCE.md."""

from dermtriage.bench.command import command

__all__ = ["command"]
