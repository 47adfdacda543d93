"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.babel.views import LocaleView
from flask_appbuilder.security import views as fab
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.views import UtilView
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from app.extensions import csrf
from app.panel.account import second_step
from app.panel.account.arrival import arrived
from app.panel.account.challenges import relying_party
from app.services.accounts import entrance, sessions
from app.services.accounts.factors import enrolled
from app.services.core.errors import Refused, TooMany, Unavailable
from app.web.hardening import locks_by_itself
from app.web.pages import Access
from app.web.sessions import NAME
from app.web.signing_in import page_within


class AuthDBView(fab.AuthDBView):
    login_template = "panel/account/login.html"

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    @locks_by_itself
    def login(self) -> Any:
        """On to the page that was wanted (``next``), also after a wrong password."""
        wanted = page_within(request.args.get("next"))
        if g.user is not None and g.user.is_authenticated:
            return redirect(wanted)
        form = LoginForm_db()
        if not form.validate_on_submit():
            return self._form(form, wanted)
        try:
            user = entrance.admit(form.username.data, form.password.data)
        except Refused as refusal:
            return self._form(form, wanted, refusal)
        if not user:
            flash(str(self.invalid_login_message), "warning")
            return redirect(url_for(".login", next=wanted))
        if enrolled.has_any(user.id):
            return second_step.begin(user, wanted)
        return arrived(user, wanted)

    def _form(self, form: Any, wanted: str, refusal: Refused | None = None) -> Response:
        page = self.render_template(
            self.login_template, title=self.title, form=form, wanted=wanted, refusal=refusal and refusal.message,
            passkey=relying_party() is not None, oidc=current_app.config["OIDC"],
        )  # fmt: skip
        answer = make_response(page, refusal.status if refusal else 200)
        if isinstance(refusal, TooMany):
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer

    @expose("/logout/", methods=["GET"])
    @no_cache
    def ask(self) -> Any:
        """The page with the buttons: whoever only follows a link is not signed out by it."""
        if not g.user.is_authenticated:
            return redirect(self.appbuilder.get_url_for_index)
        return self.render_template("panel/account/sign_out.html", title=_("Sign out"))

    @expose("/logout/", methods=["POST"])
    @no_cache
    @csrf.exempt
    def logout(self) -> Response:
        """Signs out of this session (``scope``: ``this``) or of ``all``, with tokens and keys.

        The cookie is cleared first, so that it is gone whatever happens then. A form that was not ours, or has grown
        old, still ends the session that its sender has here: to be signed out is safe, to believe it is not. It ends
        nothing else.
        """
        get_locale()  # chosen in the cookie; kept until this answer is written
        genuine, everywhere = _is_genuine(), request.form.get("scope") == "all"
        pk, name = session.get("_user_id"), session.get(NAME)
        session.clear()
        if pk is None or name is None:
            return redirect(self.appbuilder.get_url_for_index)
        try:
            sessions.log_out(int(pk), name, everywhere and genuine)
        except Unavailable as refusal:
            return _signed_out_but(refusal.message, 503)
        if everywhere and not genuine:
            return _signed_out_but(
                _("You are signed out in this browser. The page was too old for more: sign in and out once more."), 400
            )
        return redirect(self.appbuilder.get_url_for_index)


def _is_genuine() -> bool:
    """Whether it is the form of our page that was sent."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return True
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _signed_out_but(message: str, status: int) -> Response:
    return make_response(render_template("web/problem.html", status=status, message=message, errors=()), status)


#: Those that Flask-AppBuilder has for everybody.
BUILT_IN = (
    Access(AuthDBView, None, built_in=True),
    Access(LocaleView, None, built_in=True),
    Access(UtilView, None, built_in=True),
)
