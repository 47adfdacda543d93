"""The audit log's chain: written with what it tells of, never altered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.models import AuditEntry
from app.services.audit import log
from app.services.core.access import SYSTEM, Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict
from tests.cast import Cast


@pytest.fixture
def people(any_app: Flask) -> Iterator[Cast]:
    with any_app.app_context():
        yield Cast(any_app)


def told() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


def refused_halfway(admin: Actor) -> None:
    with write_transaction():
        log.record(admin, "password.changed")
        raise Conflict("too late")


def test_entries_stand_with_what_they_tell_of_or_not_at_all(people: Cast) -> None:
    admin = people.actor("admin")
    before = told()
    with write_transaction():
        log.record(admin, "user.changed", ("user", admin.id, admin.name), roles=["CS"])
        log.record(SYSTEM, "user.created", ("user", 7, "Sari"))
    with pytest.raises(Conflict):
        refused_halfway(admin)
    assert told() == [*before, "user.changed", "user.created"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "user.changed")).one()
    assert (entry.account, entry.actor_name, entry.subject_type, entry.subject) == (
        "admin", admin.name, "user", str(admin.id)
    )  # fmt: skip
    assert not list(log.verify(db.session()))


def test_what_only_reads_leaves_an_entry_too(people: Cast) -> None:
    cs = people.actor("cs")
    before = told()
    db.session.scalars(select(AuditEntry)).all()
    log.record_now(cs, "sign_out.done")
    db.session.rollback()
    assert told() == [*before, "sign_out.done"]


@pytest.mark.parametrize("how", ["UPDATE audit_entries SET account = 'x'", "DELETE FROM audit_entries"])
def test_no_entry_is_altered_or_removed(people: Cast, how: str) -> None:
    log.record_now(people.actor("cs"), "sign_out.done")
    with pytest.raises(DBAPIError, match="never altered"):
        db.session.execute(text(how))
    db.session.rollback()


def test_an_altered_entry_is_found(people: Cast) -> None:
    for _one in range(3):
        log.record_now(people.actor("cs"), "sign_out.done")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    with db.session.no_autoflush:
        entries[1].account = "somebody"
        assert [seq for seq, _wrong in log.verify(db.session())] == [entries[1].seq]
    db.session.rollback()
