"""The forms in which admins keep users."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.extensions import db
from app.models import Event, User
from app.panel.account import profile
from app.panel.admin import origins
from app.panel.admin.forms import NotTaken, TickMany, one_of, trimmed, units
from app.services.accounts import grants
from app.services.core.access import ADMIN
from app.services.core.wording import REASONS
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


class EditUserForm(UserForm):
    """Admins cannot lock themselves out, and one of them remains. A user name stays that stands behind events from
    before they kept it: another would change who they say it was."""

    origin = origins.origin_field()
    roles = TickMany(LABELS["roles"], [origins.Roles()], query_func=roles, get_pk_func=lambda role: role.id)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        origins.offer(self)

    def validate_origin(self, field: Any) -> None:
        origins.check(field, self.row_id, own=self.row_id == g.user.id)

    def validate_username(self, field: Any) -> None:
        user = db.session.get(User, self._id)
        if user is not None and user.username != field.data and names_old_events(user.id):
            raise ValidationError(
                _("This user name stands in histories that an earlier version of Tuntas wrote, so it stays.")
            )

    def validate_active(self, field: Any) -> None:
        if not field.data and self._id == g.user.id:
            raise ValidationError(_("You can't deactivate yourself."))
        if not field.data and not grants.other_admins(self._id) and is_admin(self._id):
            raise ValidationError(_("This is the last active admin."))

    def validate_roles(self, field: Any) -> None:
        if origins.gives_roles(self.row_id):
            return  # a directory is not stopped by it either
        stays = any(role.name == ADMIN for role in field.data)
        if not stays and is_admin(self._id) and not grants.other_admins(self._id):
            raise ValidationError(_("This is the last active admin, so this role stays."))


def _admins() -> Any:
    return select(User.id).where(User.active, User.roles.any(name=ADMIN))


def names_old_events(user_id: int) -> bool:
    old = select(Event.id).where(Event.actor_id == user_id, Event.account.is_(None)).limit(1)
    return db.session.scalar(old) is not None


def is_admin(user_id: int) -> bool:
    return db.session.scalar(_admins().where(User.id == user_id)) is not None
