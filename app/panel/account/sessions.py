"""One's own sessions, and to admins those of a user: listed and ended."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, flash, redirect, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.extensions import db
from app.models import User
from app.services.accounts import sessions
from app.services.core.access import LARGEST_KEY
from app.web import sessions as browsers
from app.web.actor import current_actor
from app.web.pages import Access, admins, everyone
from app.workflow.declaration import Text

#: How somebody signed in, in words.
MEANS: dict[str, Text] = {
    "password": _l("password"),
    "passkey": _l("passkey"),
    "totp": _l("password and code"),
    "recovery_code": _l("password and recovery code"),
    "oidc": _l("your organisation's sign-in"),
    "ldap": _l("password of your organisation"),
}


class SessionsView(BaseView):
    route_base = "/sessions"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        found = sessions.open_sessions(int(current_actor().id or 0))
        return str(
            self.render_template(
                "panel/account/sessions.html", title=_("My sessions"), sessions=found, present=browsers.present(),
            )
        )  # fmt: skip

    @expose("/<int:pk>/end", methods=["POST"])
    @has_access
    def end(self, pk: int) -> Any:
        """One of the others; the present one ends by signing out."""
        if pk == browsers.present():
            return redirect(url_for("AuthDBView.ask"))
        _end(current_actor().id, pk)
        return redirect(url_for("SessionsView.page"), 303)

    @expose("/end", methods=["POST"])
    @has_access
    def end_others(self) -> Any:
        _end_all(current_actor().id, browsers.present())
        return redirect(url_for("SessionsView.page"), 303)


class UserSessionsView(BaseView):
    """Shown on the page of a user."""

    route_base = "/users/sessions"
    default_view = "end_all"

    @expose("/<int:user>/<int:pk>/end", methods=["POST"])
    @has_access
    def end(self, user: int, pk: int) -> Any:
        _end(_known(user), pk)
        return redirect(url_for("UserDBModelView.show", pk=user), 303)

    @expose("/<int:user>/end", methods=["POST"])
    @has_access
    def end_all(self, user: int) -> Any:
        """All of them; of one's own all but the present one."""
        own = _known(user) == current_actor().id
        _end_all(user, browsers.present() if own else None)
        return redirect(url_for("UserDBModelView.show", pk=user), 303)


def _known(user: int) -> int:
    if not 0 < user <= LARGEST_KEY or db.session.get(User, user) is None:
        abort(404)
    return user


def _end(user: int | None, pk: int) -> None:
    sessions.end_one(current_actor(), int(user or 0), min(pk, LARGEST_KEY))
    flash(_("The session is ended."), "success")


def _end_all(user: int | None, kept: int | None) -> None:
    count = sessions.end_others(current_actor(), int(user or 0), kept)
    flash(ngettext("%(num)s session is ended.", "%(num)s sessions are ended.", count), "success")


def register(app: Flask) -> None:
    """What the templates of sessions and users read."""
    app.jinja_env.globals["open_sessions"] = sessions.open_sessions
    app.jinja_env.globals["means_of_signing_in"] = MEANS
    app.jinja_env.globals["present_session"] = browsers.present


ACCESSES = (Access(SessionsView, everyone), Access(UserSessionsView, admins))
