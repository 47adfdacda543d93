"""Light or dark: as the reader's system says, or as they chose in the menu of their account; their browser keeps it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core.errors import Malformed
from app.web.pages import Access
from app.web.signing_in import page_within
from app.workflow.declaration import Text

COOKIE, KEPT = "theme", timedelta(days=365)
#: ``html[data-theme]`` by what the choice is called; empty: as the system says.
THEMES: dict[str, Text] = {"": _l("Automatic"), "light": _l("Light"), "dark": _l("Dark")}


class ThemeView(BaseView):
    route_base = "/theme"
    default_view = "choose"

    @expose("/", methods=["POST"])
    def choose(self) -> Any:
        """Back to the page from which it was chosen (``next``)."""
        theme = request.form.get("theme", "")
        if theme not in THEMES:
            raise Malformed(_("There is no such choice."))
        answer = redirect(page_within(request.form.get("next")), 303)
        secure = current_app.config["HTTPS"]
        answer.set_cookie(_cookie(), theme, max_age=KEPT, secure=secure, httponly=True, samesite="Lax")
        return answer


ACCESS = Access(ThemeView, None)


def chosen() -> str:
    """One of ``THEMES``; empty where nothing is chosen."""
    theme = request.cookies.get(_cookie(), "")
    return theme if theme in THEMES else ""


def _cookie() -> str:
    """Over TLS a browser takes it from this very site alone."""
    return f"__Host-{COOKIE}" if current_app.config["HTTPS"] else COOKIE
