"""One log: lines of data on stdout, also from Celery, gunicorn, Alembic and whatever else uses `logging`.

No line holds the text of an exception or of a warning, since it may quote what a patient wrote: the kind
and the places stand for it. What rooms log themselves is ids, levels and names of their own making.
"""

import logging
import sys
import threading
import warnings
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from dermtriage.observability.exceptions import kind_of, without_text
from dermtriage.observability.settings import ObservabilitySettings

# A line or more for every message that says "there is work", and one a plug-in: nobody reads them.
CHATTY = (
    "alembic.runtime.plugins",
    "celery.app.trace",
    "celery.beat",
    "celery.worker.request",
    "celery.worker.strategy",
)


def configure_logging(settings: ObservabilitySettings | None = None) -> None:
    """Send everything that is logged in this process through one chain; call it once, at the start.

    Without settings they are read from the environment. Raises MissingSettings where they are wrong.
    """
    if settings is None:
        from dermtriage.settings import read  # it imports this package's settings

        settings = read(ObservabilitySettings)
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stdout.isatty())
    _configure_structlog(settings.log_level)
    _configure_stdlib(settings.log_level, as_json)
    _log_what_nobody_caught()


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        keep_triage_level,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_texts_of_exceptions,
    ]


def _configure_structlog(level: str) -> None:
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )


def _configure_stdlib(level: str, as_json: bool) -> None:
    renderer: Processor = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(keep_template_of_failures)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.raiseExceptions = False  # a line that cannot be written would be printed with all it quotes
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def keep_triage_level(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Give a room's `level` the name `triage_level`, since an entry has a level of its own."""
    if "level" in event:
        event["triage_level"] = event.pop("level")
    return event


def drop_texts_of_exceptions(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace exceptions, wherever they stand in an entry, by their kind and places."""
    found = event.pop("exc_info", None)
    if found:
        error = _as_exception(found)
        if error is not None:
            event["exception"] = without_text(error)
    event.pop("stack_info", None)
    for key, value in event.items():
        if isinstance(value, BaseException):
            event[key] = kind_of(value)
    return event


def keep_template_of_failures(record: logging.LogRecord) -> bool:
    """Leave the arguments out of a library's message about a failure: they quote its text."""
    values = record.args.values() if isinstance(record.args, dict) else record.args or ()
    if record.exc_info or any(isinstance(value, BaseException) for value in values):
        record.args = ()
    # Python's formatter would append the text that it cached here.
    record.exc_text = None
    return True


def _as_exception(found: Any) -> BaseException | None:
    if isinstance(found, BaseException):
        return found
    if isinstance(found, tuple):
        return found[1] if isinstance(found[1], BaseException) else None
    return sys.exc_info()[1]


def _log_what_nobody_caught() -> None:
    log = structlog.get_logger("dermtriage.uncaught")

    def on_exception(_kind: type[BaseException], error: BaseException, _trace: Any) -> None:
        log.critical("uncaught_exception", exc_info=error)

    def on_thread_exception(found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
            log.critical("uncaught_exception_in_thread", exc_info=found.exc_value)

    def on_warning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        log.warning("python_warning", category=category.__name__, place=f"{filename}:{lineno}")

    sys.excepthook = on_exception
    threading.excepthook = on_thread_exception
    warnings.showwarning = on_warning
