"""Who does something in a request, for the audit log."""

from __future__ import annotations

from flask import Flask, current_app, g

from app.services.audit import changes as changes  # what is written is noticed from here on
from app.services.audit.log import WHO
from app.services.core.access import Actor


def register(app: Flask) -> None:
    app.extensions[WHO] = who


def who() -> Actor:
    """Without remembering it: somebody may sign in later in the same request."""
    known: Actor | None = g.get("actor")
    return known or Actor.of(current_app.appbuilder.sm.current_user)  # type: ignore[attr-defined]
