"""Where a user's password is kept, on the form on which admins keep users."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select
from wtforms import SelectField, ValidationError
from wtforms.validators import DataRequired, StopValidation

from app.extensions import db
from app.models import User
from app.models.people import HERE, LDAP, OIDC
from app.services.accounts import directories, sessions
from app.services.audit import log
from app.web.actor import current_actor

LABEL = _l("Signs in by")
NAMES = {HERE: _l("a password of this system"), LDAP: _l("the directory (LDAP)"), OIDC: _l("single sign-on (OIDC)")}


def named(origin: str) -> Any:
    return NAMES.get(origin, origin)


def origin_field() -> SelectField:
    return SelectField(
        LABEL,
        choices=list(NAMES.items()),
        description=_l(
            "By a directory: its groups give the roles at each sign-in, the password of this system is gone, and open "
            "sessions and API keys end."
        ),
    )


class Roles:
    """The roles of whom a directory knows are its own to give; everybody else has some."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        user = db.session.get(User, form.row_id)
        if user is None or user.origin == HERE:
            DataRequired()(form, field)
        elif form.origin.data == user.origin and {role.id for role in field.data} != {role.id for role in user.roles}:
            raise StopValidation(_("The groups of the directory give this person's roles."))


def offer(form: Any) -> None:
    """What the settings name can be chosen, and what somebody still has; where that is nothing, there is no choice."""
    known = {HERE, *directories.origins(current_app.config), *db.session.scalars(select(User.origin).distinct())}
    form.origin.choices = [(key, name) for key, name in NAMES.items() if key in known]
    if known == {HERE}:
        del form.origin


def gives_roles(user_id: int) -> bool:
    """Whether a directory gives this user's roles."""
    user = db.session.get(User, user_id)
    return user is not None and user.origin != HERE


def check(field: Any, user_id: int, own: bool) -> None:
    """Nobody locks themselves out."""
    user = db.session.get(User, user_id)
    if own and user is not None and field.data != user.origin:
        raise ValidationError(_("By what you sign in yourself, another admin changes."))


def moved(user: Any) -> None:
    """What follows for a user whose origin was changed, in the transaction that saves it."""
    history = inspect(user).attrs.origin.history
    if not history.has_changes():
        return
    before = history.deleted[0] if history.deleted else HERE
    user.origin_key, user.one_time_until, user.password = "", None, ""  # which no password has
    sessions.end(user)
    log.record(current_actor(), "user.linked", ("user", user.id, user.username), before=before, after=user.origin)
