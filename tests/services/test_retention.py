"""Retention: what becomes due and when, legal holds, and what a purge takes and leaves; on both databases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import Case, Document, Event, OutgoingMail, Purge
from app.services import documents, history, retention, storage, transition
from app.services.access import Actor, visible_or_404
from app.services.errors import Conflict, Forbidden, Lacking, Malformed, NotVisible
from app.services.purge import purge, purge_due
from app.services.search import search
from app.sop import SOPS
from tests.cast import Cast
from tests.recordings import silence

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
YEAR = timedelta(days=365, hours=12)
REQUEST = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa Rahasia",
    "requester_contact": "rahasia@contoh.example", "customer_number": "122345678901", "customer_name": "Zulkarnain Rahasia",
    "complaint_date": "2026-11-20", "criterion": "disputes_arrears", "complaint": "Zulkarnain Rahasia mengeluh",
}  # fmt: skip
ROWS = [{"position": "00:12", "speaker": "agent", "said": "Menyebut Zulkarnain Rahasia"}]
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("qco", "attach_recording", {"call_at": "2026-11-18 10:15", "agent": "Agent 0417"}),
    ("qco", "submit_chronology", {"arrears": 125_000, "customer_profile": "Rahasia", "finding": "proven", "chronology": ROWS}),
    ("spv", "validate", {"listened": True}),
    ("manager_operasional", "approve", {}),
    ("spv", "send_result", {"sent_to": "rahasia@contoh.example", "sent_by": "email"}),
]  # fmt: skip
#: Two versions of each form, one recording.
FILES = 5
KEY = "hard_complaint"


class Stage:
    """One hard complaint, closed on ``START``, and the people around it."""

    def __init__(self, app: Flask, clock: Any) -> None:
        self.app, self.clock, self.cast = app, clock, Cast(app)
        self.pk = self.closed_case()

    def actor(self, name: str) -> Actor:
        return self.cast.actor(name)

    def closed_case(self, steps: int = len(STEPS)) -> int:
        actors = {name: self.actor(name) for name in ("spv", *(step[0] for step in STEPS))}
        pk = int(transition.create(actors["spv"], KEY, REQUEST, note="Rahasia").id)
        for name, key, answers in STEPS[:steps]:
            uploads = {"voice_recording": [documents.Upload("rahasia.mp3", io.BytesIO(silence(60)))]}
            files = uploads if key == "attach_recording" else None
            transition.perform(actors[name], KEY, pk, key, answers, files, note="Catatan Rahasia")
        return pk

    def later(self, years: int) -> None:
        self.clock.shift(YEAR * years)

    def case(self) -> Any:
        db.session.rollback()
        return visible_or_404(self.actor("qc"), KEY, self.pk)

    def due(self) -> list[retention.Due]:
        return retention.due([SOPS[KEY]])

    def keys(self) -> list[str]:
        return list(db.session.scalars(select(Document.storage_key).where(Document.case_id == self.pk)))


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def stage(any_app: Flask, clock: Any) -> Iterator[Stage]:
    with any_app.app_context():
        yield Stage(any_app, clock)


def is_there(key: str) -> bool:
    try:
        return bool(list(storage.read(key, 0, 1)))
    except FileNotFoundError:
        return False


def everything_in(app: Flask) -> str:
    """All that the database says, in one text."""
    with db.engine.connect() as connection:
        tables = [t for t in db.inspect(connection).get_table_names() if not t.startswith(("ab_", "search_text_", "search_grams_"))]
        return "\n".join(str(row) for table in tables for row in connection.execute(text(f'SELECT * FROM "{table}"')))


def test_nothing_is_due_before_its_time(stage: Stage) -> None:
    stage.later(1)
    assert stage.due() == []
    with pytest.raises(Conflict):
        purge(stage.actor("qc"), KEY, stage.pk)
    assert all(is_there(key) for key in stage.keys())


def test_an_open_case_never_is(stage: Stage) -> None:
    stage.pk = stage.closed_case(steps=3)
    stage.later(9)
    assert stage.pk not in {one.id for one in stage.due()}
    with pytest.raises(Conflict):
        purge(stage.actor("qc"), KEY, stage.pk)


def test_after_two_years_it_is_listed(stage: Stage) -> None:
    stage.later(2)
    [one] = stage.due()
    assert (one.number, one.files, one.whole, one.held) == ("HC-2026-00001", FILES, True, False)
    assert set(one.documents) == {"voice_recording", "form_hard_komplain", "form_hard_komplain_docx"}
    assert one.bytes > len(silence(60))
    assert str(one.since) == "2028-11-23"


def test_a_purge_takes_files_and_people(stage: Stage) -> None:
    keys = stage.keys()
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
    assert (newest.action, newest.actor_name) == ("purge", done.purged_by)


def test_the_history_keeps_who_did_what_and_its_chain(stage: Stage) -> None:
    before = [(e.action, e.at, e.actor_name, e.hash) for e in db.session.scalars(select(Event).order_by(Event.seq))]
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    events = list(db.session.scalars(select(Event).order_by(Event.seq)))
    assert [(e.action, e.at, e.actor_name, e.hash) for e in events[:-1]] == before
    assert all((e.note, e.changes, e.salt) == (None, None, None) for e in events[:-1])
    assert list(history.verify(db.session())) == []


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


def test_a_purge_is_done_once(stage: Stage) -> None:
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    assert stage.due() == []
    with pytest.raises(Conflict):
        purge(stage.actor("qc"), KEY, stage.pk)
    assert len(list(db.session.scalars(select(Purge)))) == 1


@pytest.mark.parametrize("name", ["spv", "qco", "manager_operasional", "supervisor", "admin"])
def test_only_the_keeper_purges_and_holds(stage: Stage, name: str) -> None:
    stage.later(2)
    actor = stage.actor(name)
    with pytest.raises(Forbidden):
        purge(actor, KEY, stage.pk)
    with pytest.raises(Forbidden):
        retention.hold(actor, "HC-2026-00001", "Perkara")
    assert stage.case().customer_name == "Zulkarnain Rahasia"


def test_strangers_do_not_learn_that_it_is_there(stage: Stage) -> None:
    with pytest.raises(NotVisible):
        purge(stage.actor("legal"), KEY, stage.pk)
    with pytest.raises(NotVisible):
        retention.hold(stage.actor("legal"), "HC-2026-00001", "Perkara")
    assert SOPS[KEY] not in retention.kept_by(stage.actor("legal"))


def test_a_legal_hold_stops_it_until_it_is_released(stage: Stage) -> None:
    keeper = stage.actor("qc")
    retention.hold(keeper, " HC-2026-00001 ", "Perkara di pengadilan")
    with pytest.raises(Conflict):
        retention.hold(keeper, "HC-2026-00001", "Sekali lagi")
    stage.later(3)
    assert [one.held for one in stage.due()] == [True]
    with pytest.raises(Conflict):
        purge(keeper, KEY, stage.pk)
    assert [why != "" for _one, why in purge_due()] == [True]
    assert stage.case().customer_name == "Zulkarnain Rahasia"
    [held] = retention.holds([SOPS[KEY]])
    with pytest.raises(Lacking):
        retention.release(keeper, held.id, "  ")
    retention.release(keeper, held.id, "Perkara selesai")
    with pytest.raises(Conflict):
        retention.release(keeper, held.id, "Sekali lagi")
    actions = [e.action for e in db.session.scalars(select(Event).order_by(Event.seq))]
    assert actions[-2:] == ["hold", "release_hold"]
    assert purge(keeper, KEY, stage.pk) == FILES
    assert list(history.verify(db.session())) == []


def test_the_nightly_purge_does_what_is_due(stage: Stage) -> None:
    stage.later(2)
    young = stage.closed_case()
    assert [(one.id, why) for one, why in purge_due()] == [(stage.pk, "")]
    assert [done.purged_by for done in db.session.scalars(select(Purge))] == ["Tuntas"]
    assert db.session.get(Case, young).title != ""


def test_the_command_tells_and_with_apply_removes(stage: Stage) -> None:
    runner = stage.app.test_cli_runner()
    stage.later(2)
    told = runner.invoke(args=["purge-due"])
    assert "HC-2026-00001: 5 files, personal data, due since 2028-11-23" in told.output
    assert stage.case().title != ""
    done = runner.invoke(args=["purge-due", "--apply"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 cases purged")
    assert stage.case().title == ""


def test_an_admin_sets_the_periods(stage: Stage) -> None:
    admin = stage.actor("admin")
    retention.set_period(admin, KEY, "voice_recording", "5")
    stage.later(2)
    [one] = stage.due()
    assert (set(one.documents), one.whole) == ({"form_hard_komplain", "form_hard_komplain_docx"}, False)
    assert purge(stage.actor("qc"), KEY, stage.pk) == FILES - 1
    assert stage.case().customer_name == "Zulkarnain Rahasia", "personal data stay as long as the recording"
    assert list(history.verify(db.session())) == []
    assert stage.due() == []
    stage.later(3)
    [one] = stage.due()
    assert (one.documents, one.whole) == (("voice_recording",), True)
    retention.set_period(admin, KEY, "voice_recording", "")
    assert retention.periods(SOPS[KEY]).documents["voice_recording"] == 2


@pytest.mark.parametrize("written", ["0", "-1", "dua", "100", "1.5", "99999999999"])
def test_periods_that_make_no_sense(stage: Stage, written: str) -> None:
    with pytest.raises(Malformed):
        retention.set_period(stage.actor("admin"), KEY, "", written)


def test_others_do_not_set_periods(stage: Stage) -> None:
    for name in ("qc", "supervisor"):
        with pytest.raises(Forbidden):
            retention.set_period(stage.actor(name), KEY, "", "1")
    with pytest.raises(NotVisible):
        retention.set_period(stage.actor("admin"), KEY, "no_such_document", "1")


def test_an_sop_without_periods_keeps_everything_until_an_admin_decides(stage: Stage) -> None:
    somasi = SOPS["somasi"]
    assert retention.periods(somasi) == retention.Periods(None, None, {})
    retention.set_period(stage.actor("admin"), "somasi", "", "10")
    known = retention.periods(somasi)
    assert (known.default, known.case) == (10, 10)
    assert set(known.documents.values()) == {10}


def test_files_that_a_dying_process_left_are_swept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = stage.keys()
    stage.later(2)
    monkeypatch.setattr("app.services.purge.storage.forget", lambda key: 1 / 0)
    purge(stage.actor("qc"), KEY, stage.pk)
    monkeypatch.undo()
    assert any(is_there(key) for key in keys)
    documents.sweep(timedelta(0))
    assert not any(is_there(key) for key in keys)
