"""Settings that differ from those of the last start are told of, by their names alone."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry
from app.services.operation import settings_seen


def told() -> list[list[str]]:
    query = select(AuditEntry.detail).where(AuditEntry.action == settings_seen.CHANGED).order_by(AuditEntry.seq)
    return [detail["names"] for detail in db.session.scalars(query)]


def test_what_changed_between_two_starts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        assert settings_seen.compare() == []
        assert settings_seen.compare() == []
        assert told() == [[]], "the first start has nothing to compare with"
        monkeypatch.setitem(app.config, "PURGE_DAILY", True)
        monkeypatch.setitem(app.config, "BACKUP_PASSPHRASE", "rahasia sekali")
        assert settings_seen.compare() == ["BACKUP_PASSPHRASE", "PURGE_DAILY"]
        monkeypatch.setitem(app.config, "SECRET_KEY", "another secret, long enough to sign with it")
        assert settings_seen.compare() == ["SECRET_KEY"]
        assert told() == [[], ["BACKUP_PASSPHRASE", "PURGE_DAILY"], ["SECRET_KEY"]]
        details = db.session.scalars(select(AuditEntry.detail)).all()
        assert "rahasia" not in str(details)
        assert app.config["SECRET_KEY"] not in str(details)
