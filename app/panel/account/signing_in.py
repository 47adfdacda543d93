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
from flask_babel import get_locale, ngettext
from flask_login import login_user
from werkzeug.wrappers import Response

from app.services.accounts import entrance, sessions, sign_ins
from app.services.core.errors import Refused, TooMany, Unavailable
from app.web.actor import EPOCH
from app.web.hardening import locks_by_itself
from app.web.pages import Access
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
        login_user(user, remember=False)
        _tell_of_refused(user.id)
        return redirect(wanted)

    def _form(self, form: Any, wanted: str, refusal: Refused | None = None) -> Response:
        page = self.render_template(
            self.login_template, title=self.title, form=form, wanted=wanted, refusal=refusal and refusal.message,
            oidc=current_app.config["OIDC"],
        )  # fmt: skip
        answer = make_response(page, refusal.status if refusal else 200)
        if isinstance(refusal, TooMany):
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer

    @expose("/logout/")
    def logout(self) -> Response:
        """The cookie is cleared first, so that it is gone whatever the database does; it names its user itself."""
        get_locale()  # chosen in the cookie; kept until this answer is written
        pk, epoch = session.get("_user_id"), session.get(EPOCH)
        session.clear()
        try:
            if pk is not None and epoch is not None:
                sessions.log_out(int(pk), epoch)
        except Unavailable as refusal:
            page = render_template("web/problem.html", status=503, message=refusal.message, errors=())
            return make_response(page, 503)
        return redirect(self.appbuilder.get_url_for_index)


def _tell_of_refused(user_id: int) -> None:
    """Who signs in learns at once that somebody else has tried."""
    if count := sign_ins.refused_since_last(user_id):
        told = ngettext(
            "Since your last sign-in one attempt in your name was refused; your profile says when and from where.",
            "Since your last sign-in %(num)s attempts in your name were refused; your profile says when and from where.",
            count,
        )
        flash(told, "warning")


#: Those that Flask-AppBuilder has for everybody.
BUILT_IN = (
    Access(AuthDBView, None, built_in=True),
    Access(LocaleView, None, built_in=True),
    Access(UtilView, None, built_in=True),
)
