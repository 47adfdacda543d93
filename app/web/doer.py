"""Who does something in a request, for the audit log."""

from __future__ import annotations

from flask import Flask, current_app, g
from flask_login import current_user

from app.services.audit import changes as changes  # what is written is noticed from here on
from app.services.audit.log import WHO
from app.services.core.access import Actor


def register(app: Flask) -> None:
    app.extensions[WHO] = who


def who() -> Actor:
    """Without remembering it: somebody may sign in later in the same request."""
    known: Actor | None = g.get("actor")
    if known is not None:
        return known
    # Of a request that was refused before anything else, Flask-AppBuilder does not know it yet.
    return Actor.of(current_app.appbuilder.sm.current_user if "user" in g else current_user)  # type: ignore[attr-defined]
