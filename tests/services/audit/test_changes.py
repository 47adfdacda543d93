"""Whatever is written to master data, users and rules leaves an entry, by whatever way it is written."""

from __future__ import annotations

import click
import pytest
from flask import Flask
from flask_appbuilder import Model
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, CalendarDay, Unit, WebhookEndpoint
from app.services.audit import changes, log
from app.services.core import clock
from app.services.core.access import SYSTEM
from app.services.core.database import write_transaction

#: Tables whose rows nobody keeps by hand, and where what is done to them is told instead.
ELSEWHERE = {
    "AuditEntry": "the log itself", "Case": "history", "Event": "history", "Document": "history",
    "Comment": "history", "Link": "history", "Counter": "numbers of cases", "Clock": "history",
    "Customer": "import.done", "IncomingMail": "mail.*", "OutgoingMail": "outbox.*", "MailboxState": "runs",
    "ChannelMessage": "channel.*", "WebhookDelivery": "webhook.*", "WebhookAttempt": "runs", "JobRun": "job.*",
    "Worker": "runs", "Purge": "purge.done", "Export": "export.*", "FeedToken": "calendar.*",
    "Follow": "a reader's own", "SavedFilter": "a reader's own", "ListColumns": "a reader's own",
    "BulkResult": "a reader's own", "Notice": "a reader's own", "NoticeChoice": "a reader's own",
    "Presence": "a reader's own", "ApiKey": "key.*", "RegisterUser": "unused", "Permission": "declared in code",
    "PermissionView": "declared in code", "ViewMenu": "declared in code", "SignInBrake": "sign_in.*",
    "RoleProposal": "role.*", "UserSession": "session.* and sign_in.*", "SecondFactor": "second_factor.*",
    "RecoveryCode": "recovery_code.*", "SecondStep": "sign_in.*", "SpentChallenge": "sign_in.*",
    "Reveal": "reveal.*", "PrivacyRequest": "privacy.*", "PrivacyEvent": "privacy.*", "Checkpoint": "evidence",
    "CheckpointLeaf": "evidence", "CheckpointAnchor": "evidence", "CheckpointStamp": "evidence",
}  # fmt: skip


def newest(action: str) -> AuditEntry:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq.desc()).limit(1)
    return db.session.scalars(query).one()


def test_every_table_is_told_of_or_has_a_reason(app: Flask) -> None:
    """A new model stands in ``changes.MODELS`` or here."""
    with app.app_context():
        models = [one.class_ for one in Model.registry.mappers]
    # Those of an SOP follow from its declaration: what is in them stands in the histories of cases.
    named = {one.__name__ for one in models if not one.__module__.startswith("app.models.derive")}
    told = {model.__name__ for model in changes.MODELS}
    assert named - told - set(ELSEWHERE) == set()
    assert told & set(ELSEWHERE) == set()


def test_a_row_that_comes_changes_and_goes(any_app: Flask) -> None:
    with any_app.app_context():
        with write_transaction() as session:
            session.add(Unit(code="JKT", name="Jakarta", active=True))
        with write_transaction() as session:
            session.scalars(select(Unit).where(Unit.code == "JKT")).one().name = "Jakarta Pusat"
        day = clock.today()
        with write_transaction() as session:
            unit = session.scalars(select(Unit).where(Unit.code == "JKT")).one()
            session.add(CalendarDay(day=day, unit=unit, working=False, name="Libur"))
        created = newest("record.created")
        assert (created.subject_type, created.actor_name) == ("calendar_day", "Tuntas")
        assert created.detail["changes"] == {
            "day": [None, day.isoformat()], "unit_id": [None, "Jakarta Pusat"], "name": [None, "Libur"]
        }  # fmt: skip
        assert newest("record.changed").detail["changes"] == {"name": ["Jakarta", "Jakarta Pusat"]}
        with write_transaction() as session:
            session.delete(session.scalars(select(CalendarDay)).one())
        gone = newest("record.deleted")
        assert gone.detail["changes"]["unit_id"] == ["Jakarta Pusat", None]
        assert not list(log.verify(db.session()))


def test_what_is_saved_as_it_was_leaves_nothing(app: Flask) -> None:
    with app.app_context():
        with write_transaction() as session:
            session.add(Unit(code="JKT", name="Jakarta", active=True))
        before = newest("record.created").seq
        with write_transaction() as session:
            unit = session.scalars(select(Unit)).one()
            unit.name, unit.active = "Jakarta", True
        assert db.session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1)) == before


def test_what_somebody_tells_in_their_own_words_stands_alone(app: Flask) -> None:
    with app.app_context():
        with write_transaction() as session:
            session.add(Unit(code="JKT", name="Jakarta", active=True))
        with write_transaction() as session:
            unit = session.scalars(select(Unit)).one()
            unit.name = "Jakarta Pusat"
            log.record(SYSTEM, "record.changed", ("unit", unit.id, unit.name), why="asked for")
        told = select(AuditEntry.detail).where(AuditEntry.action == "record.changed")
        assert db.session.scalars(told).all() == [{"why": "asked for"}]


def test_no_secret_is_kept(app: Flask) -> None:
    with app.app_context():
        with write_transaction() as session:
            session.add(
                WebhookEndpoint(name="CRM", url="https://crm.example/hook/RAHASIA?key=RAHASIA", sealed_secret="RAHASIA")
            )
        with write_transaction() as session:
            session.scalars(select(WebhookEndpoint)).one().sealed_secret = "RAHASIA2"
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "webhook")).all()
        assert [entry.detail.get("secret") for entry in entries] == [["sealed_secret"], ["sealed_secret"]]
        assert entries[0].detail["changes"]["url"] == [None, "crm.example"]
        assert "RAHASIA" not in str([entry.detail for entry in entries])


def test_who_is_at_the_terminal_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of commands that are not ours."""
    monkeypatch.setenv("LOGNAME", "budi")
    with app.app_context():
        with click.Context(click.Command("anything")).scope(), write_transaction():
            app.appbuilder.sm.add_user("rina", "Rina", "Wati", "rina@example.test", [], "sandi-yang-panjang")
        entry = newest("user.created")
        assert (entry.actor_name, entry.account) == ("budi (terminal)", "")
        assert entry.detail["changes"]["username"] == [None, "rina"]
        assert "sandi" not in str(entry.detail)
