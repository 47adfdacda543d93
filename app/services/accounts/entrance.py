"""Who may come in by name and password: asked by the form and by the API alike, so that no way in is easier."""

from __future__ import annotations

from typing import Any

from flask import current_app


def admit(username: str, password: str) -> Any | None:
    """The active user of this name and password; None for anybody else."""
    return current_app.appbuilder.sm.auth_user_db(username, password)  # type: ignore[attr-defined]
