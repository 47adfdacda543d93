"""``/health``: whether database, storage and queue work. ``/ready``: whether this process can serve."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, jsonify
from sqlalchemy import text

from app.extensions import db
from app.services.accounts import start
from app.services.documents import storage
from app.services.evidence import handing
from app.services.operation import workers

Answer = tuple[Response, int]


def register(app: Flask) -> None:
    for page in (health, ready):
        # What watches the process asks it without TLS.
        page.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]
        app.add_url_rule(f"/{page.__name__}", page.__name__, page)


def health() -> Answer:
    return _answer({"database": _database(), "storage": storage.works(), "queue": _queue()})


def ready() -> Answer:
    """Beside what the process itself needs, whether some worker is alive and every anchor takes checkpoints; pages are
    served without."""
    needed = {"database": _database(), "migrated": _migrated(), "storage": storage.works(), "queue": _queue()}
    return _answer(needed, worker=_worker(), anchors=_works(handing.are_well))


def _answer(needed: dict[str, bool], **more: bool) -> Answer:
    return jsonify(needed | more), 200 if all(needed.values()) else 503


def _works(check: Any) -> bool:
    """What is wrong, the log says: an address in it may have a password."""
    try:
        return bool(check())
    except Exception:
        current_app.logger.warning("A check failed", exc_info=True)
        db.session.rollback()
        return False


def _database() -> bool:
    return _works(lambda: db.session.execute(text("SELECT 1")).scalar() == 1)


def _migrated() -> bool:
    """Once found so it stays so: a process runs the code with which it has begun."""
    extensions = current_app.extensions
    extensions["tuntas_migrated"] = extensions.get("tuntas_migrated") or _works(
        lambda: start.is_migrated(db.session())
    )  # fmt: skip
    return bool(extensions["tuntas_migrated"])


def _queue() -> bool:
    return _works(lambda: current_app.extensions["tuntas_queue"].pending_count() >= 0)


def _worker() -> bool:
    return _works(workers.any_alive)
