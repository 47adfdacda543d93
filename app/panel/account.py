"""One's own account: signing in, name, password; and the new password that an admin gives."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.babel.views import LocaleView
from flask_appbuilder.security import views as fab
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.utils.limit import Limit
from flask_appbuilder.views import UtilView
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_user
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, EqualTo, Length

from app.extensions import db
from app.models import User
from app.panel.admin.forms import PanelForm, trimmed
from app.panel.admin.records import FieldsWidget
from app.services.accounts import names, sessions
from app.services.core.access import LARGEST_KEY
from app.services.core.errors import Forbidden, Unavailable
from app.web.actor import EPOCH
from app.web.pages import Access, admins, everyone
from app.web.signing_in import page_within

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


class NameForm(PanelForm):
    first_name = StringField(_l("First name"), [DataRequired(), Length(max=64)], filters=[trimmed])
    # Many Indonesians have one name, which is their first. The database has no NULL here.
    last_name = StringField(_l("Last name"), [Length(max=64)], filters=[trimmed], default="")


class OwnNameForm(NameForm):
    """Others read this name in histories; two people who share theirs were named by an admin."""

    def validate_first_name(self, field: StringField) -> None:
        if names.looks_taken(field.data or "", self.last_name.data or "", g.user.id):
            raise ValidationError(_("Another user has this name already. An admin can give it to you all the same."))


class AuthDBView(fab.AuthDBView):
    login_template = "panel/account/login.html"

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        """On to the page that was wanted (``next``), also after a wrong password."""
        wanted = page_within(request.args.get("next"))
        if g.user is not None and g.user.is_authenticated:
            return redirect(wanted)
        form = LoginForm_db()
        if not form.validate_on_submit():
            return self.render_template(self.login_template, title=self.title, form=form, wanted=wanted)
        user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
        if not user:
            flash(str(self.invalid_login_message), "warning")
            return redirect(url_for(".login", next=wanted))
        login_user(user, remember=False)
        return redirect(wanted)

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


class AccountPage:
    """The look that the forms of an account share."""

    form_template = "panel/admin/record_form.html"
    edit_widget = FieldsWidget


def whose_session() -> str:
    """Whom the request's cookie signs in: guesses count for the account, wherever they come from."""
    return f"user {session.get('_user_id')}"


class ResetMyPasswordView(AccountPage, fab.ResetMyPasswordView):
    form = OwnPasswordForm
    form_title = _l("Change password")
    message = _l("Your password is changed. Your other sessions and your API keys have ended.")
    limits = [Limit(lambda: str(current_app.config["AUTH_RATE_LIMIT"]), whose_session, methods=("POST",))]


class UserInfoEditView(AccountPage, fab.UserInfoEditView):
    form = OwnNameForm
    form_title = _l("Edit your profile")
    message = _l("Your profile is changed.")


class ResetPasswordView(AccountPage, fab.ResetPasswordView):
    """For admins; ``pk`` in the address names the user. Their own password admins change as everybody does."""

    form = PasswordForm
    form_title = _l("New password for a user")

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
        return (known and db.session.get(User, int(pk))) or abort(404)


#: Flask-AppBuilder's own views in our form, and those that it has for everybody.
BUILT_IN = (
    Access(UserInfoEditView, everyone, built_in=True),
    Access(ResetMyPasswordView, everyone, built_in=True),
    Access(ResetPasswordView, admins, built_in=True),
    Access(AuthDBView, None, built_in=True),
    Access(LocaleView, None, built_in=True),
    Access(UtilView, None, built_in=True),
)
