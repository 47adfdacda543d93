"""One line in the log for each request, and the name by which a user can tell of theirs.

What a line says of the address is the route: numbers stay, words that somebody could have chosen (a search, a secret of
a calendar's address, a case's number) do not. The query is left out.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from werkzeug.routing import AnyConverter, IntegerConverter

from app.web import metrics

HEADER = "X-Request-ID"
#: What a proxy or a program may call its request.
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
NO_ROUTE = "(no route)"
#: These tell what they are by themselves, many times a minute; they are logged when something is wrong.
QUIET = frozenset({"health", "ready", "metrics", "appbuilder.static"})

log = structlog.get_logger("tuntas.request")


def register(app: Flask) -> None:
    """Before any other part that looks at requests."""
    app.before_request(_begin)
    app.after_request(_end)
    # Flask's own line has the whole address in it.
    app.log_exception = lambda exc_info: log.error("exception", exc_info=exc_info)  # type: ignore[method-assign]


def note_user(name: str) -> None:
    """Whose request it is, by user name, once that is known."""
    structlog.contextvars.bind_contextvars(user=name)


def request_id() -> str:
    """Of the present request; empty outside of one."""
    return str(g.get("request_id", ""))


def route() -> str:
    """The rule that the request met, as it stands in the code."""
    return str(request.url_rule.rule) if request.url_rule else NO_ROUTE


def told_path() -> str:
    """The route with the numbers of this request."""
    if request.url_rule is None:
        return NO_ROUTE
    path = route()
    for name, value in (request.view_args or {}).items():
        # FAB's own pages have their keys as text.
        if isinstance(_converter(name), IntegerConverter | AnyConverter) or str(value).isdecimal():
            path = re.sub(rf"<(?:[^<>:]*:)?{re.escape(name)}>", str(value), path)
    return path


def _converter(name: str) -> Any:
    return request.url_rule._converters.get(name) if request.url_rule else None


def _begin() -> None:
    asked = request.headers.get(HEADER, "")
    g.request_id = asked if SANE.fullmatch(asked) else secrets.token_hex(8)
    g.begun = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "begun" not in g:
        return response
    response.headers[HEADER] = g.request_id
    begun, told, where = g.begun, structlog.contextvars.get_contextvars(), route()
    said = {"method": request.method, "path": told_path(), "address": request.remote_addr or "-"}
    # The answer itself is not kept in what it does at its end: a circle would let an abandoned stream live on, and with
    # it the context of its request.
    status = response.status_code
    quiet = request.endpoint in QUIET and status < 400

    def sent() -> None:
        """Once the last byte has gone out, or the client has."""
        seconds = time.perf_counter() - begun
        metrics.count(said["method"], where, status, seconds)
        if not quiet:
            log.info("request", **said, status=status, ms=round(seconds * 1000), **told)

    response.call_on_close(sent)
    return response
