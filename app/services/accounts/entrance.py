"""Who may come in by name and password: asked by the form and by the API alike, so that no way in is easier."""

from __future__ import annotations

from typing import Any

from flask import current_app
from werkzeug.security import check_password_hash

from app.extensions import db
from app.models import User


def admit(username: str, password: str) -> Any | None:
    """The active user of this name and password; None for anybody else."""
    return current_app.appbuilder.sm.auth_user_db(username, password)  # type: ignore[attr-defined]


def confirm(user_id: int, password: str) -> Any | None:
    """The user who is signed in already, if this is their password; else None."""
    user = db.session.get(User, user_id)
    return user if user is not None and check_password_hash(user.password or "", password) else None
