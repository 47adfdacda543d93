"""Whose role wants a second factor (``SECOND_FACTOR_ROLES``) sets one up before they reach anything else."""

from __future__ import annotations

from flask import Flask, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.services.accounts.factors import enrolled, required
from app.services.core.access import Actor
from app.services.core.errors import Forbidden
from app.web.actor import SECOND

#: The views that are there for them all the same: to set one up, to confirm who they are, to change the password that
#: an admin gave them, to sign out; and what is open to everybody.
OPEN = frozenset(
    {
        "SecondFactorView", "SecondStepView", "ConfirmView", "ResetMyPasswordView", "AuthDBView", "LocaleView",
        "ThemeView", "PublicView", "FeedView",
    }
)  # fmt: skip
#: The endpoints that ask nobody who they are.
ANYBODYS = frozenset({"health", "metrics"})


def register(app: Flask) -> None:
    app.before_request(led_to_second_factor)


def led_to_second_factor() -> Response | None:
    """The way to the page on which a factor is set up; for a program, which has only got a cookie, a refusal."""
    if not required.roles() or "_user_id" not in session or _is_open() or not lacks_one():
        return None
    if request.path.startswith("/api/"):
        raise Forbidden(required.SENTENCE)
    return redirect(url_for("SecondFactorView.page"))


def lacks_one() -> bool:
    """Whether the role of who is signed in wants a second factor that this session was not opened with."""
    if not current_user.is_authenticated or session.get(SECOND):
        return False
    return required.of(Actor.of(current_user))


def refuse_without(user: object, shown: bool) -> None:
    """For programs. ``shown``: whether their token was made with a second factor. Raises ``Forbidden``."""
    if required.roles() and not shown and required.of(Actor.of(user)):
        raise Forbidden(required.SENTENCE)


def refuse_key_without(user: object) -> None:
    """A key was made in a session, so its owner need only have a factor. Raises ``Forbidden``."""
    if required.roles() and required.of(Actor.of(user)) and not enrolled.has_any(user.id):  # type: ignore[attr-defined]
        raise Forbidden(required.SENTENCE)


def _is_open() -> bool:
    endpoint = request.endpoint or ""
    view, dot, name = endpoint.rpartition(".")
    return name == "static" or (view in OPEN if dot else endpoint in ANYBODYS)
