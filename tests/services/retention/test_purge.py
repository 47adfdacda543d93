"""A purge: what it takes, what it leaves, that it is done once; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.models import Case, Document, Event, OutgoingMail, Purge
from app.services.core import clock, history
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, NotVisible
from app.services.documents import documents
from app.services.notices import bounces, outbox
from app.services.retention.purge import purge, purge_due
from app.services.search.search import search
from app.sop import SOPS
from tests.moment import EVER
from tests.services.retention.keeping import FILES, KEY, START, Stage, everything_in, is_there


def test_a_purge_takes_files_and_people(stage: Stage) -> None:
    keys = stage.stored()
    assert "Rahasia" in everything_in(stage.app)
    stage.later(2)
    assert purge(stage.actor("qc"), KEY, stage.pk) == FILES
    assert not any(is_there(key) for key in keys)
    case = stage.case()
    for key in (*SOPS[KEY].personal, "complaint", "customer_profile"):
        assert getattr(case, key) is None, key
    assert (case.title, case.reporter_name, case.reporter_phone) == ("", "", "")
    left = everything_in(stage.app)
    assert "rahasia" not in left.lower()
    assert "zulkarnain" not in left.lower()
    assert "122345678901" not in left


def test_it_leaves_the_statistics(stage: Stage) -> None:
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    case = stage.case()
    assert (case.number, case.state, case.finding, case.arrears) == ("HC-2026-00001", "closed", "proven", 125_000)
    assert (case.criterion, case.program, case.recording_seconds) == ("disputes_arrears", "ct0", 60)
    assert case.closed_at is not None
    assert case.closed_at - START < timedelta(hours=1)
    assert [(row.position, row.speaker) for row in case.chronology] == [(12, "agent")]


def test_it_writes_its_own_record(stage: Stage) -> None:
    sizes = sum(db.session.scalars(select(Document.size).where(Document.case_id == stage.pk)))
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    [done] = db.session.scalars(select(Purge))
    assert (done.number, done.sop, done.whole, done.files, done.bytes) == ("HC-2026-00001", KEY, True, FILES, sizes)
    assert done.purged_by == stage.actor("qc").name
    assert done.purged_at.year == 2028
    newest = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (newest.action, newest.actor_name) == ("purge_personal", done.purged_by)
    named = newest.changes["emptied"][1]
    assert {"complaint", "requester_name", "note", "changes"} <= set(named)
    assert "Rahasia" not in f"{newest.note} {newest.changes}"


def test_the_history_keeps_who_did_what_and_its_chain(stage: Stage) -> None:
    before = [(e.action, e.at, e.actor_name, e.hash) for e in db.session.scalars(select(Event).order_by(Event.seq))]
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    events = list(db.session.scalars(select(Event).order_by(Event.seq)))
    assert [(e.action, e.at, e.actor_name, e.hash) for e in events[:-1]] == before
    assert all((e.note, e.changes, e.salt) == (None, None, None) for e in events[:-1])
    assert list(history.verify(db.session())) == []


def blank(stage: Stage, seq: int = 1) -> None:
    """What a purge does to the history, and nothing else of it."""
    with write_transaction() as session:
        session.execute(update(Event).where(Event.seq == seq).values(note=None, changes=None, salt=None))


def test_no_event_is_emptied_without_a_record_of_the_purge(stage: Stage) -> None:
    stage.later(2)
    with pytest.raises(DatabaseError, match="history is never altered"):
        blank(stage)
    with write_transaction() as session:
        history.append(session, stage.case(), stage.actor("qc"), "purge", clock.now(), from_state="closed")
    with pytest.raises(DatabaseError, match="history is never altered"):
        blank(stage)  # of files alone
    purge(stage.actor("qc"), KEY, stage.pk)
    blank(stage)
    newest = db.session.scalar(select(func.max(Event.seq)))
    with pytest.raises(DatabaseError, match="history is never altered"):
        blank(stage, newest)


def test_nor_are_the_documents_that_it_names_altered_in_a_purge(stage: Stage) -> None:
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    with pytest.raises(DatabaseError, match="history is never altered"), write_transaction() as session:
        session.execute(update(Event).where(Event.action == "attach_recording").values(documents=[]))


def test_the_documents_stay_as_rows_that_nobody_can_open(stage: Stage) -> None:
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    kept = list(db.session.scalars(select(Document)))
    assert len(kept) == FILES
    assert all(d.filename == "" and d.purged_at is not None and d.size > 0 for d in kept)
    for name in ("qc", "supervisor", "admin"):
        with pytest.raises(NotVisible):
            documents.openable_or_refused(stage.actor(name), KEY, stage.pk, kept[0].id)


def test_the_outbox_and_the_search_forget_as_well(stage: Stage) -> None:
    actor = stage.actor("qc")
    assert search(actor, "zulkarnain")
    stage.later(2)
    purge(actor, KEY, stage.pk)
    for words in ("zulkarnain", "122345678901", "rahasia"):
        assert not search(actor, words), words
    assert search(actor, "HC-2026-00001"), "its number still finds it"
    [mail] = db.session.scalars(select(OutgoingMail))
    assert (mail.recipient, mail.subject, mail.text, mail.documents) == ("", "", "", [])


def test_a_mail_that_waits_goes_to_nobody_after_a_purge_and_none_comes_back(stage: Stage) -> None:
    with write_transaction() as session:
        for state in ("queued", "sending", "failed"):
            mail = outbox.write(session, "zulkarnain@example.test", "rahasia", "rahasia", case_id=stage.pk)
            mail.state, mail.error, mail.message_id = state, "550 zulkarnain", f"<{state}@terang.example>"
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    rows = db.session.execute(
        select(OutgoingMail.state, OutgoingMail.recipient, OutgoingMail.error).order_by(OutgoingMail.id)
    ).all()
    assert [tuple(row) for row in rows[1:]] == [("discarded", "", ""), ("discarded", "", ""), ("failed", "", "")]
    assert bounces.bounced("<sending@terang.example>", "550 zulkarnain") is None
    assert "zulkarnain" not in everything_in(stage.app).lower()


def test_a_purge_is_done_once(stage: Stage) -> None:
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    assert stage.due() == []
    with pytest.raises(Conflict):
        purge(stage.actor("qc"), KEY, stage.pk)
    assert len(list(db.session.scalars(select(Purge)))) == 1


def test_the_nightly_purge_does_what_is_due(stage: Stage) -> None:
    stage.later(2)
    young = stage.closed_case()
    assert [(one.id, why) for one, why in purge_due()] == [(stage.pk, "")]
    assert [done.purged_by for done in db.session.scalars(select(Purge))] == ["Tuntas"]
    assert db.session.get(Case, young).title != ""


def test_the_command_tells_and_with_apply_removes(stage: Stage) -> None:
    runner = stage.app.test_cli_runner()
    stage.later(2)
    result = runner.invoke(args=["purge-due"])
    assert "HC-2026-00001: 5 files, personal data, due since 2028-11-23" in result.output
    assert stage.case().title != ""
    done = runner.invoke(args=["purge-due", "--apply"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 cases purged")
    assert stage.case().title == ""


def test_files_that_a_dying_process_left_are_swept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = stage.stored()
    stage.later(2)
    monkeypatch.setattr("app.services.retention.purge.storage.forget", lambda key: 1 / 0)
    purge(stage.actor("qc"), KEY, stage.pk)
    monkeypatch.undo()
    assert any(is_there(key) for key in keys)
    documents.sweep(EVER)
    assert not any(is_there(key) for key in keys)
