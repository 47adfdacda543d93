"""One's own password, and the new one that an admin gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, g, make_response, render_template, request, session
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security import views as fab
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import PasswordField, ValidationError
from wtforms.validators import DataRequired, EqualTo

from app.extensions import db
from app.models import User
from app.models.people import HERE
from app.panel.account.confirm import recently_signed_in
from app.panel.account.look import AccountPage
from app.panel.admin.forms import PanelForm
from app.services.accounts import entrance, one_time, passwords
from app.services.core.access import LARGEST_KEY
from app.services.core.errors import Forbidden
from app.web.actor import current_actor
from app.web.hardening import locks_by_itself
from app.web.pages import Access, admins, everyone

SHOW = _l("Show what is typed")
HOURS = one_time.GOOD_FOR // timedelta(hours=1)


class OwnPasswordForm(PanelForm):
    """Asks for the current one too: whoever finds a session open does not know it."""

    current_password = PasswordField(
        _l("Current password"), [DataRequired()], render_kw={"autocomplete": "current-password", "data-show": SHOW}
    )
    password = PasswordField(
        _l("New password"),
        [DataRequired()],
        description=_l(
            "At least %(count)s characters; three or four words are easy to remember and hard to guess.",
            count=passwords.SHORTEST,
        ),
        render_kw={"autocomplete": "new-password", "data-show": SHOW},
    )
    conf_password = PasswordField(
        _l("Password once more"),
        [DataRequired(), EqualTo("password", _l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password", "data-show": SHOW},
    )

    def validate_current_password(self, field: PasswordField) -> None:
        if entrance.confirm(g.user.id, field.data) is None:
            raise ValidationError(_("This is not your current password."))

    def validate_password(self, field: PasswordField) -> None:
        if field.data == self.current_password.data:
            raise ValidationError(_("This is the password that you have already."))
        if why := passwords.problem(field.data, *one_time.about(g.user)):
            raise ValidationError(why)


def whose_session() -> str:
    """Whom the request's cookie signs in: guesses count for the account, wherever they come from."""
    return f"user {session.get('_user_id')}"


ELSEWHERE = _l("This password is kept by a directory of your organisation and is changed there.")


class ResetMyPasswordView(AccountPage, fab.ResetMyPasswordView):
    form = OwnPasswordForm
    form_title = _l("Change password")
    message = _l("Your password is changed. Your other sessions and your API keys have ended.")
    limits = [Limit(lambda: str(current_app.config["AUTH_RATE_LIMIT"]), whose_session, methods=("POST",))]

    @expose("/form", methods=["GET"])
    @has_access
    def this_form_get(self) -> Any:
        _refuse_elsewhere(g.user)
        return super().this_form_get()

    def form_get(self, form: OwnPasswordForm) -> None:
        if g.user.one_time_until is not None:
            flash(_("Your password is good for one sign-in. Choose one of your own before anything else."), "info")

    @expose("/form", methods=["POST"])
    @has_access
    @locks_by_itself
    def this_form_post(self) -> Any:
        _refuse_elsewhere(g.user)
        return super().this_form_post()


class ResetPasswordView(BaseView):
    """For admins; ``pk`` in the address names the user. Their own password admins change as everybody does."""

    route_base = "/resetpassword"
    default_view = "ask"

    @expose("/form", methods=["GET"])
    @has_access
    @recently_signed_in
    def ask(self) -> str:
        return str(
            self.render_template(
                "panel/admin/one_time.html", title=_("One-time password"), user=_somebody_else(), hours=HOURS
            )
        )

    @expose("/form", methods=["POST"])
    @has_access
    @recently_signed_in
    def give(self) -> Response:
        pk = _somebody_else().id
        made = one_time.reset(current_actor(), pk)
        return shown_once(db.session.get(User, pk), made)


def shown_once(user: Any, password: str) -> Response:
    """The page with a one-time password, which nobody shows again."""
    page = render_template(
        "panel/admin/one_time_shown.html", title=_("One-time password"), user=user, password=password, hours=HOURS
    )
    answer = make_response(page)
    answer.cache_control.no_store = True
    return answer


def _somebody_else() -> Any:
    pk = request.args.get("pk", "")
    known = pk.isascii() and pk.isdecimal() and int(pk) <= LARGEST_KEY
    if known and int(pk) == g.user.id:
        raise Forbidden(_("Please change your own password under “Change password”."))
    user = (known and db.session.get(User, int(pk))) or abort(404)
    _refuse_elsewhere(user)
    return user


def _refuse_elsewhere(user: Any) -> None:
    if user.origin != HERE:
        raise Forbidden(ELSEWHERE)


#: Flask-AppBuilder's own views in our form.
BUILT_IN = (
    Access(ResetMyPasswordView, everyone, built_in=True),
    Access(ResetPasswordView, admins, built_in=True),
)
