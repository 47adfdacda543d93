"""Refusals and errors in the user's language: a page in the panel, JSON in the API."""

from __future__ import annotations

import math
import time
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.extensions import db
from app.services.core.database import unavailable
from app.services.core.errors import Conflict, Refused, TooMany
from app.web import request_log
from app.web.actor import current_actor
from app.web.events import event
from app.web.signing_in import asked_to_sign_in
from app.workflow.declaration import Text

SENTENCES: dict[int, Text] = {
    400: _l("The request could not be understood."),
    401: _l("Please sign in first."),
    403: _l("You may not open this page."),
    404: _l("There is nothing here, or you may not see it."),
    405: _l("This page can't be used that way."),
    413: _l("What was sent is too large."),
    429: _l("Too many attempts. Please wait a moment and try again."),
    500: _l("Something went wrong on our side; nothing was changed. Please tell your administrator."),
    503: _l("The database is busy, so nothing was saved. Please try again in a moment."),
}


def register(app: Flask) -> None:
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(500, _http)


def as_json(message: str, errors: Any = (), changes: Any = ()) -> dict[str, Any]:
    """The body of a refusal as the REST contract has it."""
    body: dict[str, Any] = {"message": message}
    if errors:
        body["missing"] = [{"kind": error.kind, "key": error.key, "message": error.message} for error in errors]
    if changes:
        body["changes"] = changes
    return body


def _answer(status: int, message: str, errors: Any = (), changes: Any = ()) -> Response:
    if request.path.startswith("/api/"):
        return make_response(jsonify(as_json(message, errors, changes)), status)
    return make_response(
        render_template(
            "web/problem.html", status=status, message=message, errors=errors, request_id=request_log.request_id()
        ),
        status,
    )


def refused(error: Refused) -> Response:
    answer = _answer(error.status, error.message, error.field_errors, _changes(error))
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _changes(error: Refused) -> list[dict[str, Any]]:
    """What was done meanwhile, as the history shows it to this user."""
    if not isinstance(error, Conflict) or error.sop is None or not error.since:
        return []
    return [event(current_actor(), error.sop, entry) for entry in error.since]


def _forged(error: CSRFError) -> Any:
    """A session that has ended has taken its token along: that is no forgery."""
    return asked_to_sign_in() or _answer(400, _(str(error.description)))


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    if status >= 500:
        db.session.rollback()
    answer = _answer(status, str(SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])))
    if isinstance(error, RateLimitExceeded):
        answer.headers["Retry-After"] = str(_seconds_to_wait())
    return answer


def _seconds_to_wait() -> int:
    """Until the limit that was reached lets somebody in again."""
    reached = current_app.appbuilder.sm.limiter.current_limit  # type: ignore[attr-defined]
    return max(math.ceil(reached.reset_at - time.time()), 1) if reached else 60


def _database(error: OperationalError) -> Response:
    """A lock or a full disk that met a page of FAB's own."""
    db.session.rollback()
    refusal = unavailable(error)
    if not isinstance(refusal, Refused):
        raise error
    return refused(refusal)
