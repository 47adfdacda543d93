"""How much a stranger may send: what is larger is refused by its head, before a form or JSON is read from it.

Whoever is signed in, by session, token or API key, may send as much as the settings allow.
"""

from __future__ import annotations

from flask import Flask, current_app, request
from flask_jwt_extended import verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import current_user
from jwt.exceptions import PyJWTError
from werkzeug.exceptions import RequestEntityTooLarge

from app.extensions import db

#: Bytes of a request that nobody answers for: a name and a password, a number to look up.
STRANGERS = 64 << 10
FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


def register(app: Flask) -> None:
    app.before_request(_refuse_strangers_more)


def _refuse_strangers_more() -> None:
    length = request.content_length
    unknown = length is None and "Transfer-Encoding" in request.headers
    if not (unknown or (length or 0) > STRANGERS) or _is_known():
        return
    if not unknown:
        raise RequestEntityTooLarge
    request.max_content_length = STRANGERS


def take_in() -> None:
    """The whole body, before the database is asked: a slow line keeps neither its lock nor a connection."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.mimetype in FORMS:
        request.form  # noqa: B018 -- reads it
        return
    most = current_app.config["MAX_FORM_MEMORY_SIZE"]
    request.max_content_length = min(request.max_content_length or most, most)
    request.get_data()


def _is_known() -> bool:
    known = _has_signed_in()
    # What the rest of the request reads, it reads in a transaction of its own, once the body is there.
    db.session.rollback()
    return known


def _has_signed_in() -> bool:
    """As the API's own door asks it, which comes too late here: the form would have been read."""
    if not (request.path.startswith("/api/") and "Authorization" in request.headers):
        return bool(current_user.is_authenticated)
    security = current_app.appbuilder.sm  # type: ignore[attr-defined]
    if (key := security.extract_api_key_from_request()) is not None:
        return security.validate_api_key(key) is not None
    try:
        return verify_jwt_in_request() is not None
    except (JWTExtendedException, PyJWTError):
        return False
