"""What every request to the API passes: no forged write by a browser's cookie, answers in the caller's language."""

from __future__ import annotations

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import gettext as _
from flask_login import current_user

from app.api.cases.body import json_object
from app.extensions import csrf
from app.services.core.errors import WrongContent
from app.web.hardening import SAFE

PREFIX = "/api/"
#: Signing in changes nothing that the cookie's owner could be tricked into.
SIGN_IN = "TokenApi.login"
#: Flask-AppBuilder's own takes what is no JSON object for a fault of ours.
MAKE_KEY = "ApiKeyApi.create_api_key"


def register(app: Flask) -> None:
    app.before_request(_refuse_forged_writes)
    app.before_request(_refuse_what_makes_no_key)
    _speak_to_programs(app)


def _refuse_forged_writes() -> None:
    """A browser adds its cookie to whatever a foreign page sends, so a cookie's writes need a CSRF token. Whoever
    sends a token or a key of their own was not tricked, and their cookie is ignored (see ``app.security``)."""
    if not request.path.startswith(PREFIX) or request.method in SAFE or request.endpoint == SIGN_IN:
        return
    if "Authorization" in request.headers or not current_app.config["WTF_CSRF_ENABLED"]:
        return
    if current_user.is_authenticated:
        csrf.protect()


def _refuse_what_makes_no_key() -> None:
    if request.endpoint == MAKE_KEY:
        if not request.is_json:
            raise WrongContent(_("Send JSON, or a form with files as multipart/form-data."))
        json_object()


def _speak_to_programs(app: Flask) -> None:
    """Programs say their language with every request and get no cookie for it."""
    babel = app.extensions["babel"]
    panel = babel.locale_selector

    def selected() -> str | None:
        if has_request_context() and request.path.startswith(PREFIX):
            return _language()
        return panel() if panel else None

    babel.locale_selector = selected


def _language() -> str:
    languages = current_app.config["LANGUAGES"]
    # A signed-in browser sends the language of its maker; the one chosen in the panel is its user's.
    accepted = (language.split("-")[0].lower() for language in request.accept_languages.values())
    for wanted in (request.args.get("_l_"), session.get("locale"), *accepted):
        if wanted in languages:
            return str(wanted)
    return str(current_app.config["BABEL_DEFAULT_LOCALE"])
