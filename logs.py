"""How a log line is written, by every process alike: server, worker, gunicorn's own.

Beside ``config.py`` and without an import of the application, because gunicorn's first process reads it as well.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask.logging import default_handler

#: Loggers that say more than anybody wants to read, and from which level on they are heard. What a task ended with, the
#: worker tells in a line of its own (``app/jobs/recording.py``).
QUIET = {
    "waitress.queue": "ERROR",
    "flask_appbuilder": "WARNING",
    "huey": "CRITICAL",
    "huey.consumer": "WARNING",
    "alembic": "WARNING",
    # They tell the whole address of what they call, and that of a chat or a webhook is a secret.
    "urllib3": "ERROR",
    "apprise": "ERROR",
}
#: Before the rest of a line in text.
HEAD = ("timestamp", "level", "logger", "event", "exception")
#: What every line says, also one of a library.
COMMON: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *COMMON,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def configure(form: str, level: str) -> None:
    """Every line of this process goes to stderr, as ``form`` (``text`` or ``json``) has it, from ``level`` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("app").removeHandler(default_handler)
    for name, heard in QUIET.items():
        logging.getLogger(name).setLevel(heard)


def formatter(form: str) -> logging.Formatter:
    render: list[Any] = [_as_text]
    if form == "json":
        # A traceback is one line as well: its line breaks are escaped.
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=COMMON, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render]
    )


def _as_text(logger: Any, method: str, line: MutableMapping[str, Any]) -> str:
    """For a terminal: moment, level, what happened, the rest as ``name=value``, a traceback below."""
    line = structlog.processors.format_exc_info(logger, method, line)
    rest = " ".join(f"{name}={value}" for name, value in line.items() if name not in HEAD)
    said = f"{line['timestamp']} [{line['level'].upper()}] {line['event']} {rest}".rstrip()
    return f"{said}\n{line['exception']}" if line.get("exception") else said
