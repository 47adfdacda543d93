"""``/health``: whether database, storage and queue work."""

from __future__ import annotations

from flask import Flask, Response, current_app, jsonify
from sqlalchemy import text

from app.extensions import db
from app.services.documents import storage


def register(app: Flask) -> None:
    @app.get("/health")
    def health() -> tuple[Response, int]:
        checks = {"database": _database(), "storage": storage.works(), "queue": _queue()}
        return jsonify(checks), 200 if all(checks.values()) else 503


def _database() -> bool:
    try:
        return bool(db.session.execute(text("SELECT 1")).scalar() == 1)
    except Exception:
        db.session.rollback()
        return False


def _queue() -> bool:
    try:
        current_app.extensions["tuntas_queue"].pending_count()
    except Exception:
        return False
    return True
