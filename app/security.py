"""Who is signed in: Flask-AppBuilder's security manager with sessions that end."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app, g, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import gettext
from flask_login import LoginManager, user_logged_in
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.security import generate_password_hash

from app.api import key_scope, tokens
from app.models import User
from app.panel.admin import people
from app.services.accounts import keys, one_time, passwords, people_changes, sessions
from app.services.core.access import Actor
from app.web import sessions as browsers
from app.web.actor import EPOCH, SECOND, current_actor
from app.web.recent import mark_recent
from app.web.request_log import note_user
from app.web.second_factor import refuse_key_without, refuse_without

#: Flask-AppBuilder's commands that make users.
CONSOLE = ("create-admin", "create-user")


class PanelSecurityManager(SecurityManager):
    """A cookie is worth what the session is that it names; a token or key from before the last log-out of all or change
    of password is worth nothing."""

    security_api = tokens.TokenApi

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self._declared_access: dict[tuple[str, str, str], bool] = {}
        super().__init__(*arguments, **more)

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Asked for every entry of the menu, on every page: each is answered once a request, of one user."""
        if not has_request_context():
            return bool(super().has_access(permission_name, view_name))
        known: dict[Any, bool] = g.setdefault("accesses", {})
        # Itself rather than the proxy that stands for it, which looks for it each time that it is asked for anything.
        user = g.get("_login_user")
        key = (id(user), id(g.get("user")), permission_name, view_name)
        if key not in known:
            known[key] = self._has_access(user, permission_name, view_name)
        return known[key]

    def _has_access(self, user: Any, permission_name: str, view_name: str) -> bool:
        signed_in = user is not None and user.is_authenticated and user.is_active and not g.get("_api_key_user")
        if signed_in and not self._is_user_detached(user):
            return bool(self._has_view_access(user, permission_name, view_name))
        return bool(super().has_access(permission_name, view_name))

    def _has_access_builtin_roles(self, role: Any, permission_name: str, view_name: str) -> bool:
        """What the setting of the roles says, which is read at the start and does not change while the product runs."""
        key = (role.name, permission_name, view_name)
        if key not in self._declared_access:
            found = bool(super()._has_access_builtin_roles(role, permission_name, view_name))
            self._declared_access[key] = found
        return self._declared_access[key]

    def create_login_manager(self, app: Any) -> Any:
        # Without Flask-Login's context processor: it would load the user for every template, so that the page
        # that says the database is away would itself need the database.
        manager = LoginManager()
        manager.init_app(app, add_context_processor=False)
        manager.user_loader(self.load_user)
        manager.localize_callback = gettext
        # Flask-Login sends its signals for the app itself, Flask-AppBuilder hands in a proxy of it.
        itself = current_app._get_current_object()  # type: ignore[attr-defined]
        user_logged_in.connect(self._begin_session, itself)
        return manager

    def create_jwt_manager(self, app: Any) -> Any:
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(lambda identity: {EPOCH: self.get_user_by_id(int(identity)).session_epoch})
        tokens.refuse_in_words(manager)
        return manager

    def validate_api_key(self, api_key_string: str) -> Any | None:
        """The owner of a key that may do what this request asks for (``api/key_scope.py``); else None or ``Forbidden``.
        Flask-AppBuilder's own compares the slow hash and notes the use in one write."""
        found = keys.owner(api_key_string, *self._with_roles())
        if found is None:
            return None
        g.user, row = found
        g._api_key_user, g.key_scope = True, keys.scope_of(row.scopes)
        g.pop("actor", None)
        note_user(g.user.username)
        refuse_key_without(g.user)
        subject = ("key", row.uuid, row.name)
        key_scope.check(g.key_scope, subject)
        return g.user

    def register_views(self) -> None:
        """With our pages of users."""
        people.install(self)
        super().register_views()

    def get_user_by_id(self, pk: int) -> Any:
        query = select(User).where(User.id == pk).options(*self._with_roles())
        return self.session.scalars(query).unique().one_or_none()

    def _with_roles(self) -> tuple[Any, Any]:
        """Loads a user with roles and groups at once: every page asks for them, of which a user has a few."""
        return joinedload(User.roles), joinedload(User.groups).joinedload(self.group_model.roles)

    def load_user(self, pk: int) -> Any | None:
        if "Authorization" in request.headers and request.path.startswith("/api/"):
            return None  # who brings a token is judged by it alone
        found = sessions.find(int(pk), session.get(browsers.NAME, ""), *self._with_roles())
        if found is None or not found.user.is_active:
            return None
        note_user(found.user.username)
        return browsers.remember(found)

    def load_user_jwt(self, _jwt_header: Any, jwt_data: Any) -> Any | None:
        user = super().load_user(jwt_data["sub"])
        if user is None or jwt_data.get(EPOCH) != user.session_epoch:
            return None
        refuse_without(user, shown=bool(jwt_data.get(SECOND)))
        g.user = user
        note_user(user.username)
        return user

    def create_api_key(self, user: Any, name: str, scopes: str | None = None, expires_on: Any = None) -> dict[str, Any]:
        """As Flask-AppBuilder's, with our limits (``services/accounts/keys.py``)."""
        ends, scope = keys.end_of(expires_on), keys.read_scope(scopes)
        made = keys.make(Actor.of(user), user.session_epoch, name, scope, ends)
        return made.told()

    @staticmethod
    def hashed(password: str) -> str:
        config = current_app.config
        return generate_password_hash(
            password, config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"), config.get("FAB_PASSWORD_HASH_SALT_LENGTH", 16)
        )

    def reset_password(self, userid: int, password: str) -> None:
        """One's own; from the console, which has no request, somebody's one-time password."""
        if not has_request_context():
            one_time.reset_from_console(userid, password)
            return
        mine = getattr(g.get("user"), "id", None) == userid
        one_time.choose(current_actor(), userid, password)
        if mine:  # all of theirs has ended with it; here they go on
            user = self.get_user_by_id(userid)
            browsers.begin(user, told=False)
            mark_recent(user)

    def add_user(self, *arguments: Any, **more: Any) -> Any:
        """Who makes users on the console is held to the same passwords, and seen as well."""
        command = click.get_current_context(silent=True)
        by_console = command is not None and command.command.name in CONSOLE
        if by_console:
            _check_typed(*arguments, **more)
        user = super().add_user(*arguments, **more)
        if user and by_console:
            people_changes.made_on_console(user.id)
        return user

    @staticmethod
    def _begin_session(app: Any, user: Any, **extra: Any) -> None:
        name = user.username
        session.pop(SECOND, None)  # who did the second step gets it anew (panel/account/arrival.py)
        browsers.begin(user)
        mark_recent(user)
        note_user(name)


def _check_typed(
    username: str, first_name: str, last_name: str, email: str, role: Any, password: str = "", **more: Any
) -> None:  # fmt: skip
    why = passwords.problem(password, username, first_name, last_name, email.partition("@")[0])
    if why:
        raise click.ClickException(why)
