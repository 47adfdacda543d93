"""Who is signed in: Flask-AppBuilder's security manager with a session epoch."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import gettext
from flask_login import LoginManager, user_logged_in
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.security import generate_password_hash

from app.api import tokens
from app.models import User
from app.models.people import HERE
from app.panel.admin import people
from app.services.accounts import sessions
from app.services.core.database import write_transaction
from app.services.core.errors import Forbidden, Unavailable
from app.web.actor import EPOCH
from app.web.recent import mark_recent
from app.web.request_log import note_user


class PanelSecurityManager(SecurityManager):
    """A cookie, token or API key that was issued before the last logout or change of password is worth nothing."""

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
        user_logged_in.connect(self._remember_epoch, itself)
        return manager

    def create_jwt_manager(self, app: Any) -> Any:
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(lambda identity: {EPOCH: self.get_user_by_id(int(identity)).session_epoch})
        tokens.refuse_in_words(manager)
        return manager

    def validate_api_key(self, api_key_string: str) -> Any | None:
        """Flask-AppBuilder notes when a key was last used, which is a write even on a reading request."""
        with write_transaction():
            user = super().validate_api_key(api_key_string)
            if user is not None:
                note_user(user.username)
            return user

    def register_views(self) -> None:
        """With our pages of users."""
        people.install(self)
        super().register_views()

    def get_user_by_id(self, pk: int) -> Any:
        """With roles and groups at once: every page asks for them, of which a user has a few."""
        query = (
            select(User)
            .where(User.id == pk)
            .options(joinedload(User.roles), joinedload(User.groups).joinedload(self.group_model.roles))
        )
        return self.session.scalars(query).unique().one_or_none()

    def load_user(self, pk: int) -> Any | None:
        if "Authorization" in request.headers and request.path.startswith("/api/"):
            return None  # who brings a token is judged by it alone
        user = super().load_user(pk)
        if user is None or session.get(EPOCH) != user.session_epoch:
            return None
        note_user(user.username)
        return user

    def load_user_jwt(self, _jwt_header: Any, jwt_data: Any) -> Any | None:
        user = super().load_user(jwt_data["sub"])
        if user is None or jwt_data.get(EPOCH) != user.session_epoch:
            return None
        g.user = user
        note_user(user.username)
        return user

    def create_api_key(self, user: Any, name: str, scopes: str | None = None, expires_on: Any = None) -> dict[str, Any]:
        """Not for somebody whose sign-in ended after this request was let in."""
        pk, epoch = user.id, user.session_epoch
        with write_transaction():
            sessions.check_unended(pk, epoch)
            made: dict[str, Any] | None = super().create_api_key(user, name, scopes, sessions.key_end(expires_on))
        if made is None:  # Flask-AppBuilder has swallowed why
            raise Unavailable(gettext("The database is busy, so nothing was saved. Please try again in a moment."))
        return made

    @staticmethod
    def hashed(password: str) -> str:
        config = current_app.config
        return generate_password_hash(
            password, config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"), config.get("FAB_PASSWORD_HASH_SALT_LENGTH", 16)
        )

    def reset_password(self, userid: int, password: str) -> None:
        """All of it or nothing; Flask-AppBuilder's own does not say when it could not be saved."""
        kept = self.hashed(password)
        with write_transaction():
            user = self.get_user_by_id(userid)
            if user.origin != HERE:
                raise Forbidden(gettext("A directory keeps the password of this user."))
            user.password = kept
            sessions.end(user)
        if has_request_context() and getattr(g.user, "id", None) == user.id:
            session[EPOCH] = user.session_epoch

    @staticmethod
    def _remember_epoch(app: Any, user: Any, **extra: Any) -> None:
        session[EPOCH] = user.session_epoch
        session.permanent = True
        mark_recent(user)
        note_user(user.username)
