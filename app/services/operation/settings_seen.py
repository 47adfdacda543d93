"""Settings that differ from those with which the server started the last time, in the audit log."""

from __future__ import annotations

import hmac
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.models import AuditEntry
from app.services.audit import log
from app.services.core import exclusive
from app.services.core.access import SYSTEM
from app.services.core.errors import Refused
from config import read

CHANGED = "settings.changed"
KEY = "SECRET_KEY"
#: Hexadecimal digits of a digest.
LENGTH = 16


def compare() -> list[str]:
    """The names of the settings that differ; they are written down with a digest of each, from which nobody without the
    key can tell what it says. A start is not held up by a database that is away."""
    try:
        with exclusive.held("settings"):
            return _compare()
    except (Refused, SQLAlchemyError):
        db.session.rollback()
        current_app.logger.warning("Whether settings have changed could not be written down", exc_info=True)
        return []


def _compare() -> list[str]:
    newest = select(AuditEntry.detail).where(AuditEntry.action == CHANGED).order_by(AuditEntry.seq.desc()).limit(1)
    before: dict[str, str] = (db.session.scalar(newest) or {}).get("digests", {})
    db.session.rollback()
    now = {name: _digest(name, current_app.config.get(name)) for name in sorted(read({}))}
    if before == now:
        return []
    # Under another key nothing else can be compared.
    other_key = bool(before) and before.get(KEY) != now[KEY]
    differing = sorted(name for name in {*before, *now} if before and before.get(name) != now.get(name))
    changed = [KEY] if other_key else differing
    log.record_now(SYSTEM, CHANGED, names=changed, digests=now)
    return changed


def _digest(name: str, value: Any) -> str:
    said = "" if name == KEY else repr(value)
    secret = str(current_app.config[KEY]).encode()
    return hmac.new(secret, f"{name}={said}".encode(), "sha256").hexdigest()[:LENGTH]
