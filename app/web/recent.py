"""Whether who is signed in has lately shown who they are: asked before what an open session alone must not do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import g, request, session
from flask_babel import gettext as _
from flask_jwt_extended import get_jwt
from flask_login import current_user

from app.services.accounts import entrance
from app.services.core import clock
from app.services.core.errors import Refused
from app.web import sessions

#: How long a password or second factor counts that was given in this session.
RECENT = timedelta(minutes=10)
#: In the session: who gave it, at which epoch of their sessions, and when (seconds since 1970).
CONFIRMED = "confirmed"
#: The field of a form in which the password comes along with what was sent before (``panel/account/confirm.py``).
FIELD = "confirm_password"


class NotRecent(Refused):
    """They have to show again who they are; the panel asks for it and goes on. ``wrong``: they tried just now."""

    status = 401

    def __init__(self, message: Any, wrong: bool = False) -> None:
        super().__init__(message)
        self.wrong = wrong


def mark_recent(user: Any) -> None:
    """``user`` has just shown who they are, by whatever way: signing in, password, second factor, passkey."""
    session[CONFIRMED] = [user.id, user.session_epoch, int(clock.now().timestamp())]


def is_recent() -> bool:
    """Whether this session, or the token of this request, was opened or confirmed lately."""
    if _by_token():
        return _fresh_token()
    known = session.get(CONFIRMED)
    if not current_user.is_authenticated or not isinstance(known, list) or len(known) != 3:
        return False
    return known[:2] == [current_user.id, current_user.session_epoch] and is_lately(known[2])


def require_recent_sign_in() -> None:
    """Raises ``NotRecent``. Call it before anything is read that is needed afterwards, and before any change: where
    the password comes along, it is checked here, in transactions of its own."""
    if is_recent():
        return
    if _by_token():
        raise NotRecent(_("For this, fetch a new token with your password first; it counts for 10 minutes."))
    given = request.form.get(FIELD)
    if not (given and confirmed_by(given)):
        raise NotRecent(_("Please confirm first that it is you."), wrong=given is not None)


def confirmed_by(password: str) -> bool:
    """Whether this is the password of who is signed in; then their session counts as confirmed."""
    user = entrance.confirm(current_user.id, password)
    if user is not None:
        sessions.renew()
        mark_recent(user)
    return user is not None


def _by_token() -> bool:
    """Whether the request is one of a program; a page knows its session alone, whatever header comes along."""
    return request.path.startswith("/api/") and "Authorization" in request.headers


def _fresh_token() -> bool:
    """A token made with a password, not one renewed; a key does not say who holds it now."""
    if g.get("_api_key_user"):
        return False
    try:
        claims = get_jwt()
    except RuntimeError:  # a session let them in, and the header is no token
        return False
    return bool(claims.get("fresh")) and is_lately(claims.get("iat", 0))


def is_lately(seconds: float) -> bool:
    """Whether a moment, in seconds since 1970, is recent enough to count."""
    # One from the future comes of a clock that was set back, and counts as little as an old one.
    return abs(clock.now().timestamp() - seconds) <= RECENT.total_seconds()
