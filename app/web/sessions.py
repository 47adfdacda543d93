"""The session that a browser's cookie names: begun, renewed, noted as in use (``services/accounts/sessions.py``)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request, session

from app.services.accounts import devices, sessions
from app.services.core import clock
from app.web.actor import SECOND
from app.web.hardening import SAFE, UNATTENDED

#: In the cookie: the name of the session.
NAME = "sid"
#: What a cookie keeps over a sign-in; of all else nothing that was there before reaches into the session.
KEPT_OVER = ("locale", "csrf_token", SECOND)
#: In ``g``, from whoever lets somebody in otherwise than by a password: how (``UserSession.means``).
MEANS = "signed_in_by"


def register(app: Flask) -> None:
    app.after_request(_note_use)


def begin(user: Any, told: bool = True) -> None:
    """``user`` has just shown who they are: a session with a new name, and a cookie without what was in it. ``told``:
    they hear of it where their device or address is new."""
    known = {key: session[key] for key in (*KEPT_OVER, "_user_id", "_id", "_fresh", "_flashes") if key in session}
    session.clear()
    session.update(known)
    session.permanent = True
    place = request.remote_addr or "", devices.in_words(request.user_agent.string)
    session[NAME] = sessions.begin(user.id, *place, g.get(MEANS, "password"), told)


def renew() -> None:
    """Another name for the present session, once its user has shown again who they are."""
    if (known := present()) is not None:
        session[NAME] = sessions.renew(known)


def remember(found: sessions.SignedIn) -> Any:
    """The user whose session this request named."""
    g.session_id, g.session_seen = found.id, found.seen_at
    return found.user


def present() -> int | None:
    """The id of the session of this request; None where it is of a program or of nobody."""
    known: int | None = g.get("session_id")
    return known


def _note_use(response: Response) -> Response:
    """On what reads alone: there no lock is held that this could wait for."""
    used: Any = g.get("session_seen")
    attended = request.method in SAFE and UNATTENDED not in request.headers
    if used is not None and attended and clock.now() - used >= sessions.SEEN_EVERY:
        sessions.seen(g.session_id)
    return response
