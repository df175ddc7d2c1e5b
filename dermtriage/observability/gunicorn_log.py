"""Gunicorn's own lines, sent the way of all others."""

from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger


class GunicornLog(Logger):  # type: ignore[misc]
    """Hands gunicorn's lines to the root logger instead of printing them itself."""

    def setup(self, cfg: Config) -> None:
        """Called by gunicorn at its start; it needs `errorlog` None, or every line comes twice."""
        super().setup(cfg)
        self.error_log.propagate = True

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """As gunicorn's, without what a stranger sent: it quotes malformed requests."""
        text = str(msg)
        super().warning("Invalid request" if text.startswith("Invalid request") else text, *args, **kwargs)
