"""Who came in by a one-time password chooses their own before anything else."""

from __future__ import annotations

from flask import Flask, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.services.core.errors import Forbidden

#: The form in which it is chosen.
FORM = "ResetMyPasswordView.this_form_get"
#: What can be reached before: the form, leaving, what the page looks like and in which language.
OPEN = frozenset({
    FORM, "ResetMyPasswordView.this_form_post", "AuthDBView.login", "AuthDBView.ask", "AuthDBView.logout",
    "LocaleView.index", "ThemeView.choose", "health", "ready", "metrics",
})  # fmt: skip


def register(app: Flask) -> None:
    app.before_request(_choose_first)


def _choose_first() -> Response | None:
    """Whatever else there is asks for it: pages, files and, with the browser's cookie, the API. Tokens and keys there
    are none: they end with the old password, and new ones are not made (``api/tokens.py``)."""
    endpoint = request.endpoint or ""
    if "_user_id" not in session or endpoint in OPEN or endpoint.rpartition(".")[2] == "static":
        return None
    if not current_user.is_authenticated or current_user.one_time_until is None:
        return None
    if request.path.startswith("/api/"):
        raise Forbidden(_("Your password is good for one sign-in. Choose one of your own before anything else."))
    return redirect(url_for(FORM))
