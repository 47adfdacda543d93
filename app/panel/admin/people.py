"""Users with their unit and roles, as admins keep them. Roles themselves are declared in code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.security import views as fab
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import User
from app.models.people import HERE
from app.panel.account import passwords, profile, signing_in
from app.panel.account.confirm import recently_signed_in
from app.panel.admin import origins
from app.panel.admin.people_forms import LABELS, EditUserForm, UserForm
from app.panel.admin.records import RecordsView, TableWidget, searched, words_in
from app.panel.show import mailed
from app.services.accounts import brake, grants, one_time, people_changes, sessions, sign_ins
from app.services.core.errors import Conflict
from app.services.core.formatting import NOTHING, moment
from app.web.actor import current_actor
from app.web.pages import Access, admins, everyone

#: The ways of signing in.
WAYS = {"form": _l("Panel"), "api": _l("API"), "confirm": _l("Confirmation in the panel"),
        "passkey": _l("Passkey"), "oidc": _l("Single sign-on")}  # fmt: skip


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
    add_columns = edit_columns
    edit_columns = [*edit_columns, "origin"]
    add_form, edit_form = UserForm, EditUserForm

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
        """Who is made gets a one-time password, which the answer shows this once."""
        if request.method == "POST":
            g.one_time = one_time.made()
        answer = super().add()
        made = g.pop("made_user", None)
        return passwords.shown_once(made, g.one_time[0]) if made else answer

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    @recently_signed_in
    def edit(self, pk: str) -> Any:
        return super().edit(pk)

    @expose("/userinfo/")
    @has_access
    def userinfo(self) -> str:
        return self._page("panel/account/profile.html", self.datamodel.get(g.user.id), _("Your profile"))

    @expose("/unlock/<pk>", methods=["POST"])
    @has_access
    def unlock(self, pk: str) -> Any:
        user_id = self._deserialize_pk_if_composite(pk)
        one_time.unlock(current_actor(), user_id)
        flash(_("This user can try to sign in again at once."), "success")
        return redirect(url_for(".show", pk=user_id))

    def _page(self, template: str, item: Any, title: Any) -> str:
        widgets = self._get_show_widget(item.id, item)
        return str(
            self.render_template(
                template, title=title, widgets=widgets, pk=item.id, sign_ins=sign_ins.latest(item.id),
                refused=sign_ins.refused_since_last(item.id), ways=WAYS, one_time_until=item.one_time_until,
                locked_until=brake.closed_until(item.username), proposals=grants.count_waiting(item.id),
                elsewhere=item.origin != HERE,
            )
        )  # fmt: skip

    def _get_edit_widget(self, form: Any, exclude_cols: Any = None, widgets: Any = None) -> Any:
        without = [] if "origin" in form else ["origin"]
        return super()._get_edit_widget(form, [*(exclude_cols or ()), *without], widgets)

    def pre_add(self, item: Any) -> None:
        wanted = grants.rights_of(item)
        now = grants.at_once(grants.Rights(frozenset(), True), wanted)
        item.roles = [role for role in item.roles if role.name in now.roles]
        one_time.put(item, g.one_time[1])
        _keep(item)
        people_changes.made(db.session, current_actor(), item, now, wanted)

    def post_add(self, item: Any) -> None:
        g.made_user = item

    def pre_update(self, item: Any) -> None:
        before, wanted = _rights_before(item), grants.rights_of(item)
        details = people_changes.Details.before(item), people_changes.Details.of(item)
        now = grants.at_once(before, wanted)
        item.roles = [role for role in item.roles if role.name in now.roles]
        item.active = now.active
        origins.moved(item)
        _keep(item)
        if before.active and not now.active:
            sessions.end(item)
        people_changes.changed(db.session, current_actor(), item, details, (before, now, wanted))

    def post_update(self, item: Any) -> None:
        if grants.count_waiting(item.id):
            flash(waiting_sentence(g.user.id), "info")


def waiting_sentence(user_id: int) -> str:
    """That what was given waits, and for whom."""
    if grants.other_admins(user_id):
        return str(_("What you give waits until another admin confirms it."))
    return str(_("What you give waits until another admin confirms it, but you are the only active admin."))


def _keep(item: Any) -> None:
    """Sends it to the database, which may know better what is taken by now."""
    try:
        db.session.add(item)
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict(_("Somebody else has just done this.")) from error


def _rights_before(item: Any) -> grants.Rights:
    """As the database has them; the form's are in ``item`` already."""
    known = inspect(item).attrs
    roles, active = known.roles.history, known.active.history
    stored = (*(roles.unchanged or ()), *(roles.deleted or ()))
    was = active.deleted[0] if active.deleted else item.active
    return grants.Rights(frozenset(role.name for role in stored), bool(was))


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
