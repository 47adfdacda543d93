"""Who may come in by name and password: asked by the form and by the API alike, so that no way in is easier."""

from __future__ import annotations

from typing import Any

from flask import current_app
from werkzeug.security import check_password_hash

from app.extensions import db
from app.models import User
from app.services.audit import log
from app.services.core.access import Actor
from app.services.core.database import write_transaction


def admit(username: str, password: str) -> Any | None:
    """The active user of this name and password; None for anybody else."""
    return current_app.appbuilder.sm.auth_user_db(username, password)  # type: ignore[attr-defined]


def confirm(user_id: int, password: str) -> Any | None:
    """The user who is signed in already, if this is their password; else None."""
    user = db.session.get(User, user_id)
    return user if user is not None and check_password_hash(user.password or "", password) else None


def admit_alone(user_id: int) -> Any | None:
    """The active user who has shown a passkey instead of a password; None where they may not come in."""
    user = db.session.get(User, user_id)
    if user is None or not user.active:
        return None
    current_app.appbuilder.sm.update_user_auth_stat(user, True)  # type: ignore[attr-defined]
    return user


def note_second_factor(user_id: int, way: str, alone: bool) -> None:
    """Into the audit log: with what somebody signed in. ``way``: of ``factors.enrolled.LABELS``; ``alone``: without a
    password."""
    with write_transaction() as session:
        user = session.get_one(User, user_id)
        about = "user", user_id, user.username
        log.record(Actor.of(user), "second_factor.used", about, way=way, password=not alone)
