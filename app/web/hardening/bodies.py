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

#: Bytes of a request that nobody answers for: a name and a password, a number to look up.
STRANGERS = 64 << 10


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


def _is_known() -> bool:
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
