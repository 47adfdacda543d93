"""The last of signing in, whichever way somebody came."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_babel import ngettext
from flask_login import login_user

from app.services.accounts import sign_ins


def arrived(user: Any, wanted: str) -> Any:
    """Signed in, and on to the page that was wanted."""
    login_user(user, remember=False)
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
