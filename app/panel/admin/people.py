"""Users with their unit and roles, as admins keep them. Roles themselves are declared in code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, current_app, g
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.security import views as fab
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload
from wtforms import BooleanField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.extensions import db
from app.models import User
from app.models.people import HERE
from app.panel.account import passwords, profile, signing_in
from app.panel.account.confirm import recently_signed_in
from app.panel.admin import origins
from app.panel.admin.forms import NotTaken, TickMany, one_of, trimmed, units
from app.panel.admin.records import RecordsView, TableWidget, searched, words_in
from app.panel.show import mailed
from app.services.accounts import sessions
from app.services.core.access import ADMIN
from app.services.core.formatting import NOTHING, moment
from app.services.core.wording import REASONS
from app.web.pages import Access, admins, everyone
from app.workflow.contacts import mail_address

LABELS = {
    "get_full_name": _l("Full name"),
    "username": _l("User name"),
    "email": _l("E-mail"),
    "unit": _l("Unit"),
    "roles": _l("Roles"),
    "active": _l("Active"),
    "origin": origins.LABEL,
    "last_login": _l("Last sign-in"),
    "login_count": _l("Number of sign-ins"),
    "created_on": _l("Created"),
}


def is_mail_address(form: Any, field: Any) -> None:
    """Back offices have addresses such as admin@localhost."""
    if mail_address(field.data or "", internal=True) is None:
        raise ValidationError(REASONS["email"])


def roles() -> Any:
    """The roles declared in code; no other role permits anything."""
    role = current_app.appbuilder.sm.role_model  # type: ignore[attr-defined]
    known = select(role).where(role.name.in_(current_app.config["FAB_ROLES"]))
    return db.session.scalars(known.order_by(role.name)).all()


class UserForm(profile.NameForm):
    username = StringField(
        LABELS["username"],
        [DataRequired(), Length(max=64), Regexp(r"\S+\Z", message=_l("No spaces, please.")), NotTaken(User)],
        filters=[trimmed],
        description=_l("What this person types to sign in."),
        render_kw={"autocomplete": "off"},
    )
    email = StringField(
        LABELS["email"],
        [
            DataRequired(),
            Length(max=320),
            is_mail_address,
            NotTaken(User),
        ],
        filters=[trimmed],
    )
    unit = one_of(
        LABELS["unit"],
        units,
        validators=[Optional()],
        description=_l("Roles of a local unit see only the cases of this unit; without one they see none."),
    )
    roles = TickMany(LABELS["roles"], [DataRequired()], query_func=roles, get_pk_func=lambda role: role.id)
    active = BooleanField(
        LABELS["active"],
        default=True,
        description=_l("Off: this person can't sign in any more, and open sessions and API keys end at once."),
    )


class NewUserForm(UserForm):
    password, conf_password = passwords.password_fields()


class EditUserForm(UserForm):
    """Admins cannot lock themselves out, and one of them remains."""

    origin = origins.origin_field()
    roles = TickMany(LABELS["roles"], [origins.Roles()], query_func=roles, get_pk_func=lambda role: role.id)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        origins.offer(self)

    def validate_origin(self, field: Any) -> None:
        origins.check(field, self.row_id, own=self.row_id == g.user.id)

    def validate_active(self, field: Any) -> None:
        if not field.data and self._id == g.user.id:
            raise ValidationError(_("You can't deactivate yourself."))
        if not field.data and not other_admins(self._id) and is_admin(self._id):
            raise ValidationError(_("This is the last active admin."))

    def validate_roles(self, field: Any) -> None:
        if origins.gives_roles(self.row_id):
            return  # a directory is not stopped by it either
        stays = any(role.name == ADMIN for role in field.data)
        if not stays and is_admin(self._id) and not other_admins(self._id):
            raise ValidationError(_("This is the last active admin, so this role stays."))


def _admins() -> Any:
    return select(User.id).where(User.active, User.roles.any(name=ADMIN))


def is_admin(user_id: int) -> bool:
    return db.session.scalar(_admins().where(User.id == user_id)) is not None


def other_admins(user_id: int) -> bool:
    return db.session.scalar(_admins().where(User.id != user_id).limit(1)) is not None


class WithRoles(BaseFilter):
    """Loads the roles of all listed users at once."""

    name = "roles"

    def apply(self, query: Any, value: Any) -> Any:
        return query.options(selectinload(User.roles))


def when(stamp: datetime | None) -> str:
    """Flask-AppBuilder stamps users in the server's own time, without a zone."""
    return moment(stamp.astimezone()) if stamp else NOTHING


def joined(rows: Any) -> str:
    return ", ".join(sorted(str(row) for row in rows)) or NOTHING


class UserDBModelView(RecordsView, fab.UserDBModelView):
    """Users are deactivated rather than deleted: histories name them."""

    exclude_route_methods = RecordsView.exclude_route_methods | {"delete"}
    list_title, add_title, edit_title, show_title = _l("Users"), _l("New user"), _l("Edit user"), _l("User")
    show_template = "panel/admin/user.html"
    label_columns = LABELS
    formatters_columns = RecordsView.formatters_columns | {
        "email": mailed, "roles": joined, "origin": origins.named, "last_login": when, "created_on": when,
    }  # fmt: skip
    search_columns = ["username", "first_name", "last_name", "email"]
    base_filters = [["username", words_in(*search_columns), searched], ["username", WithRoles, None]]
    base_order = ("username", "asc")
    list_columns = ["username", "get_full_name", "unit", "roles", "active"]
    order_columns = ["username", "active"]
    show_fieldsets = None
    show_columns = [
        "username", "get_full_name", "email", "unit", "roles", "active",
        "origin", "last_login", "login_count", "created_on",
    ]  # fmt: skip
    edit_columns = ["first_name", "last_name", "username", "email", "unit", "roles", "active"]
    add_columns = [*edit_columns, "password", "conf_password"]
    edit_columns = [*edit_columns, "origin"]
    add_form, edit_form = NewUserForm, EditUserForm

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> str:
        item = self.datamodel.get(self._deserialize_pk_if_composite(pk), self._base_filters)
        if item is None:
            abort(404)
        return self._page("panel/admin/user.html", item, self.show_title)

    @expose("/add", methods=["GET", "POST"])
    @has_access
    @recently_signed_in
    def add(self) -> Any:
        return super().add()

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    @recently_signed_in
    def edit(self, pk: str) -> Any:
        return super().edit(pk)

    @expose("/userinfo/")
    @has_access
    def userinfo(self) -> str:
        return self._page("panel/account/profile.html", self.datamodel.get(g.user.id), _("Your profile"))

    def _page(self, template: str, item: Any, title: Any) -> str:
        widgets = self._get_show_widget(item.id, item)
        elsewhere = item.origin != HERE
        return str(self.render_template(template, title=title, widgets=widgets, pk=item.id, elsewhere=elsewhere))

    def _get_edit_widget(self, form: Any, exclude_cols: Any = None, widgets: Any = None) -> Any:
        without = [] if "origin" in form else ["origin"]
        return super()._get_edit_widget(form, [*(exclude_cols or ()), *without], widgets)

    def pre_update(self, item: Any) -> None:
        super().pre_update(item)
        origins.moved(item)
        if not item.active and inspect(item).attrs.active.history.has_changes():
            sessions.end(item)


class RoleModelView(RecordsView, fab.RoleModelView):
    """Read only: what a role may do follows from the SOPs."""

    base_permissions = ["can_list"]
    list_widget = TableWidget
    list_title = _l("Roles")
    label_columns = {"name": _l("Role"), "user": _l("Users")}
    formatters_columns = {"user": joined}
    search_columns = ["name"]
    base_filters = [["name", words_in("name"), searched]]
    base_order = ("name", "asc")
    list_columns = ["name", "user"]
    order_columns = ["name"]


class UserGroupModelView(fab.UserGroupModelView):
    """No pages: roles are given on a user's own page."""

    include_route_methods: set[str] = set()


def install(security: Any) -> None:
    """Puts these pages in the place of Flask-AppBuilder's own; its chart would load scripts from the net."""
    security.userdbmodelview = UserDBModelView
    security.rolemodelview = RoleModelView
    security.groupmodelview = UserGroupModelView
    security.resetmypasswordview = passwords.ResetMyPasswordView
    security.resetpasswordview = passwords.ResetPasswordView
    security.userinfoeditview = profile.UserInfoEditView
    security.authdbview = signing_in.AuthDBView
    security.userstatschartview = None


#: Added by ``install``; what of the users is everybody's are their own profile and password.
BUILT_IN = (
    Access(UserDBModelView, everyone, permissions="can_userinfo|resetmypassword", built_in=True),
    Access(RoleModelView, admins, built_in=True),
    Access(UserGroupModelView, admins, built_in=True),
)
