"""The last of signing in, whichever way somebody came."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, session
from flask_babel import ngettext
from flask_login import login_user

from app.services.accounts import sign_ins
from app.web.actor import SECOND
from app.web.sessions import MEANS


def arrived(user: Any, wanted: str, second: str = "") -> Any:
    """Signed in, and on to the page that was wanted. ``second``: by which second factor; empty for none."""
    if second:
        setattr(g, MEANS, second)
    login_user(user, remember=False)
    if second:
        session[SECOND] = True
    _tell_of_refused(user.id)
    return redirect(wanted)


def _tell_of_refused(user_id: int) -> None:
    """Who signs in learns at once that somebody else has tried."""
    if count := sign_ins.refused_since_last(user_id):
        told = ngettext(
            "Since your last sign-in one attempt was refused; your profile says when and from where.",
            "Since your last sign-in %(num)s attempts were refused; your profile says when and from where.",
            count,
        )
        flash(told, "warning")
