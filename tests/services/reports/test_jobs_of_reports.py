"""The log of exports, and the reports that are made in the background; on both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from huey.api import Huey
from sqlalchemy import select, update

from app.extensions import db
from app.models import Export, User
from app.services import reports
from app.services.core import clock
from app.services.core.access import user_named
from app.services.core.errors import Conflict, Forbidden, NotVisible, Unavailable
from app.services.documents import storage
from app.services.reports import ReportParams, jobs, log
from tests.moment import EVER
from tests.services.reports.reporting import UNITS, Office, content
from tests.services.retention.keeping import is_there

CSV = ReportParams(lang="en")


@pytest.fixture
def office(any_app: Flask) -> Iterator[Office]:
    with any_app.test_request_context():
        yield Office(any_app)


@pytest.fixture
def waiting(any_app: Flask) -> list[int]:
    """Instead of the queue: what was handed in."""
    handed_in: list[int] = []
    any_app.extensions["tuntas_make_export"] = handed_in.append
    return handed_in


def row(pk: int) -> Any:
    db.session.rollback()
    return db.session.get_one(Export, pk, populate_existing=True)


def last() -> Any:
    db.session.rollback()
    return db.session.scalars(select(Export).order_by(Export.id.desc()).limit(1)).one()


def ordered(office: Office, name: str = "cso", query: ReportParams = CSV, key: str = "cases-keluhan") -> int:
    actor = office.actor(name)
    return jobs.order(actor, reports.report_of(actor, key), query)


# -- streamed ---------------------------------------------------------------------------------------------------------


def streamed(office: Office, key: str = "cases-keluhan") -> jobs.File:
    cso = office.actor("cso")
    return jobs.stream(cso, reports.report_of(cso, key), ReportParams(lang="en", state="reported"))


def test_a_streamed_export_is_in_the_log_from_its_start(office: Office) -> None:
    file = streamed(office)
    begun = last()
    assert (begun.state, begun.rows, begun.what, begun.form) == ("running", 0, "cases-keluhan", "csv")
    assert (begun.user_name, begun.asked, begun.masked) == ("Cso Uji", {"lang": "en", "state": "reported"}, False)
    assert b"Rina" in b"".join(file.chunks)
    ended = last()
    assert (ended.state, ended.rows) == ("done", 1)
    assert ended.ended_at is not None
    assert not log.is_waiting(ended)


def test_whoever_goes_away_breaks_it_off(office: Office) -> None:
    chunks = streamed(office).chunks
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert last().state == "broken_off"


def test_what_fails_halfway_is_logged(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*arguments: Any) -> Any:
        raise OSError("no more")

    monkeypatch.setattr(reports, "content", breaks)
    with pytest.raises(OSError, match="no more"):
        list(streamed(office).chunks)
    assert last().state == "failed"


def test_others_write_while_it_is_streamed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.tables.csv_writing.BATCH", 1)
    chunks = streamed(office, "events-keluhan").chunks
    next(chunks)
    app = office.cast.app

    def writes() -> None:
        with app.test_request_context():
            office.reported(name="Meanwhile")

    thread = threading.Thread(target=writes)
    thread.start()
    thread.join(5)
    assert not thread.is_alive(), "the reader holds no lock"
    assert b"Meanwhile" not in b"".join(chunks)
    assert last().state == "done"


# -- in the background ------------------------------------------------------------------------------------------------


def test_ordered_made_and_fetched(office: Office, waiting: list[int]) -> None:
    pk, cso = ordered(office, query=ReportParams(lang="en", unit=UNITS[0])), office.actor("cso")
    assert waiting == [pk]
    assert (row(pk).state, row(pk).expected, log.is_waiting(row(pk))) == ("queued", 3, True)
    with pytest.raises(Conflict):
        jobs.file_of(cso, pk)
    jobs.make(pk)
    assert (row(pk).state, row(pk).rows, row(pk).filename) == ("done", 3, f"cases-keluhan-{clock.today()}.csv")
    file = jobs.file_of(cso, pk)
    assert b"".join(file.chunks) == content(cso, "cases-keluhan", unit=UNITS[0])
    assert (file.content_type, file.name) == ("text/csv", row(pk).filename)


def test_two_workers_make_it_once(office: Office, waiting: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    pk, made = ordered(office), []
    write = jobs._write
    monkeypatch.setattr(jobs, "_write", lambda *arguments: (made.append(1), time.sleep(0.2), write(*arguments)))

    def works() -> None:
        with office.cast.app.app_context():
            jobs.make(pk)

    workers = [threading.Thread(target=works) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert made == [1]
    assert row(pk).state == "done"


def test_its_progress_is_known_while_it_runs(
    office: Office, waiting: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "NOTED_EVERY", 2)
    counts: list[int] = []
    note = jobs._note
    monkeypatch.setattr(jobs, "_note", lambda pk, **what: (counts.append(what.get("rows", 0)), note(pk, **what)))
    jobs.make(ordered(office))
    assert counts == [0, 2, 4]


def test_nobody_else_gets_the_file(office: Office, waiting: list[int]) -> None:
    pk = ordered(office)
    jobs.make(pk)
    for name in ("supervisor", "unit", "legal"):
        with pytest.raises(NotVisible):
            jobs.file_of(office.actor(name), pk)
        with pytest.raises(NotVisible):
            jobs.own(office.actor(name), pk)
    for nonsense in (0, -1, 2**40, pk + 1):
        with pytest.raises(NotVisible):
            jobs.own(office.actor("cso"), nonsense)


def test_who_lost_his_right_gets_nothing(office: Office, waiting: list[int]) -> None:
    made, queued = ordered(office), ordered(office)
    jobs.make(made)
    user: Any = user_named("cso")
    user.roles = [office.cast.app.appbuilder.sm.find_role("Legal")]  # type: ignore[attr-defined]
    db.session.commit()
    jobs.make(queued)
    assert row(queued).state == "refused"
    with pytest.raises(NotVisible):
        jobs.file_of(office.actor("cso"), made)


def test_who_was_switched_off_gets_nothing(office: Office, waiting: list[int]) -> None:
    pk = ordered(office)
    db.session.execute(update(User).where(User.username == "cso").values(active=False))
    db.session.commit()
    jobs.make(pk)
    assert row(pk).state == "refused"


def test_a_failure_has_its_sentence_and_leaves_no_file(
    office: Office, waiting: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> None:
        raise Unavailable("full")

    pk = ordered(office)
    monkeypatch.setattr(storage, "put", full)
    jobs.make(pk)
    assert row(pk).state == "failed"
    assert str(log.STATES["failed"])
    assert not is_there(row(pk).storage_key)


def test_a_queue_that_is_away_is_reported(office: Office) -> None:
    def away(pk: int) -> None:
        raise ConnectionError

    office.cast.app.extensions["tuntas_make_export"] = away
    with pytest.raises(Unavailable):
        ordered(office)
    assert last().state == "failed"


def test_nobody_fills_the_queue(office: Office, waiting: list[int]) -> None:
    for _ in range(jobs.MOST_WAITING):
        ordered(office)
    with pytest.raises(Conflict):
        ordered(office)
    ordered(office, "supervisor")


def test_a_worker_of_its_own_makes_it(office: Office) -> None:
    """With the real queue, in its file, and a real consumer."""
    queue: Huey = office.cast.app.extensions["tuntas_queue"]
    pk = ordered(office)
    consumer = queue.create_consumer(workers=2, periodic=False, check_worker_health=False, initial_delay=0.02)
    consumer.start()
    try:
        for _ in range(200):
            if row(pk).state not in jobs.WAITING:
                break
            time.sleep(0.05)
    finally:
        consumer.stop(graceful=True)
    assert (row(pk).state, row(pk).rows) == ("done", 4)


# -- what is swept ----------------------------------------------------------------------------------------------------


def aged(pk: int, **values: Any) -> None:
    db.session.execute(update(Export).where(Export.id == pk).values(**values))
    db.session.commit()


def test_what_a_dead_worker_left_is_ended(office: Office, waiting: list[int]) -> None:
    before = clock.now() - timedelta(hours=2)
    dead, alive, lost = (ordered(office) for _ in range(3))
    aged(dead, state="running", at=before, ended_at=before)
    aged(alive, state="running", at=before, ended_at=clock.now())
    aged(lost, at=before)
    streamed(office)
    gone = last().id
    aged(gone, at=before)
    waiting.clear()
    jobs.sweep()
    assert [row(pk).state for pk in (dead, alive, lost, gone)] == ["failed", "running", "queued", "broken_off"]
    assert waiting == [lost], "handed in again"


def test_files_go_after_seven_days(office: Office, waiting: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    from app.services.documents import documents

    kept, old = ordered(office), ordered(office)
    for pk in (kept, old):
        jobs.make(pk)
    documents.sweep(EVER)
    key = row(old).storage_key
    assert is_there(key), "the sweep of documents leaves them alone"
    aged(old, ended_at=clock.now() - timedelta(days=8))
    monkeypatch.setattr(storage, "older_than", lambda prefix, age: iter([key] if prefix == storage.EXPORTS else []))
    jobs.sweep()
    assert not is_there(key)
    assert (row(old).state, row(old).storage_key) == ("done", None)
    assert log.is_ready(row(kept))
    with pytest.raises(NotVisible):
        jobs.file_of(office.actor("cso"), old)


# -- the log ----------------------------------------------------------------------------------------------------------


def test_the_log_is_for_those_who_answer_for_it(office: Office) -> None:
    list(streamed(office).chunks)
    for name in ("supervisor", "admin"):
        assert [entry.user_name for entry in log.log(office.actor(name), "", "", 0).lines] == ["Cso Uji"]
    with pytest.raises(Forbidden):
        log.log(office.actor("cso"), "", "", 0)
    supervisor = office.actor("supervisor")
    assert log.log(supervisor, "cso", "cases-keluhan", 0).lines
    assert not log.log(supervisor, "legal", "", 0).lines
    assert not log.log(supervisor, "", "cases-somasi", 0).lines
    assert [entry.what for entry in log.downloads(office.actor("cso"), 0).lines] == ["cases-keluhan"]
    assert not log.downloads(supervisor, 0).lines


def test_the_log_turns_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "SIZE", 2)
    for _ in range(3):
        list(streamed(office).chunks)
    first, second = (log.log(office.actor("supervisor"), "", "", page) for page in (0, 1))
    assert (len(first.lines), first.more, len(second.lines), second.more) == (2, True, 1, False)


def test_everything_in_it_has_a_name(office: Office) -> None:
    names = log.whats()
    assert {"list:somasi", "events-keluhan", "ojk"} <= set(names)
    assert all(names.values())
    assert log.label("long-gone") == "long-gone"
