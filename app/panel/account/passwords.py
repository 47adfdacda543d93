"""One's own password, and the new one that an admin gives."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security import views as fab
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response
from wtforms import PasswordField, ValidationError
from wtforms.validators import DataRequired, EqualTo, Length

from app.extensions import db
from app.models import User
from app.models.people import HERE
from app.panel.account.confirm import recently_signed_in
from app.panel.account.look import AccountPage
from app.panel.admin.forms import PanelForm
from app.services.core.access import LARGEST_KEY
from app.services.core.errors import Forbidden
from app.web.pages import Access, admins, everyone

#: The shortest password that somebody may choose.
PASSWORD_LENGTH = 10
PASSWORD = _l("Password")


def password_fields(label: Any = PASSWORD) -> tuple[PasswordField, PasswordField]:
    return (
        PasswordField(
            label,
            [DataRequired(), Length(min=PASSWORD_LENGTH, max=200)],
            description=_l("At least %(count)s characters.", count=PASSWORD_LENGTH),
            render_kw={"autocomplete": "new-password"},
        ),
        PasswordField(
            _l("Password once more"),
            [DataRequired(), EqualTo("password", _l("The two passwords differ."))],
            render_kw={"autocomplete": "new-password"},
        ),
    )


class PasswordForm(PanelForm):
    password, conf_password = password_fields(_l("New password"))


class OwnPasswordForm(PanelForm):
    """Asks for the current one too: whoever finds a session open does not know it."""

    current_password = PasswordField(
        _l("Current password"), [DataRequired()], render_kw={"autocomplete": "current-password"}
    )
    password, conf_password = password_fields(_l("New password"))

    def validate_current_password(self, field: PasswordField) -> None:
        if not check_password_hash(g.user.password or "", field.data):
            raise ValidationError(_("This is not your current password."))


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

    @expose("/form", methods=["POST"])
    @has_access
    def this_form_post(self) -> Any:
        _refuse_elsewhere(g.user)
        return super().this_form_post()


class ResetPasswordView(AccountPage, fab.ResetPasswordView):
    """For admins; ``pk`` in the address names the user. Their own password admins change as everybody does."""

    form = PasswordForm
    form_title = _l("New password for a user")

    @expose("/form", methods=["GET"])
    @has_access
    @recently_signed_in
    def this_form_get(self) -> Any:
        return super().this_form_get()

    @expose("/form", methods=["POST"])
    @has_access
    @recently_signed_in
    def this_form_post(self) -> Any:
        return super().this_form_post()

    def form_get(self, form: PasswordForm) -> None:
        name = self._user().get_full_name()
        flash(_("For %(name)s. Open sessions and API keys of this user end at once.", name=name), "info")

    def form_post(self, form: PasswordForm) -> Response:
        user = self._user()
        self.appbuilder.sm.reset_password(user.id, form.password.data)
        flash(_("The password of %(name)s is changed.", name=user.get_full_name()), "success")
        return redirect(url_for("UserDBModelView.show", pk=user.id))

    def _user(self) -> Any:
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
