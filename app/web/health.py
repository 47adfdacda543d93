"""``/health``: whether database, storage and queue do their work."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from sqlalchemy import text

from app import jobs
from app.extensions import db
from app.services.documents import storage


def register(app: Flask) -> None:
    @app.get("/health")
    def health() -> tuple[Response, int]:
        checks = {"database": _database(), "storage": storage.works(), "queue": jobs.works()}
        return jsonify(checks), 200 if all(checks.values()) else 503


def _database() -> bool:
    try:
        return db.session.execute(text("SELECT 1")).scalar() == 1
    except Exception:
        db.session.rollback()
        return False
