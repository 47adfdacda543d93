"""Exports: logged, streamed or made in the background, and swept.

``Export.state``: ``queued``, ``running``, then ``done``, ``failed``, ``broken_off`` (aborted by the client while it was
streamed) or ``refused`` (the user may no longer have it). Only what is made in the background has a ``storage_key``.
While it runs, ``ended_at`` says when something was last heard of it.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Query

from app.extensions import db
from app.models import User
from app.models.working_day import Export
from app.services import reports
from app.services.audit import log
from app.services.core import clock, masking
from app.services.core.access import LARGEST_KEY, Actor, closed_fields
from app.services.core.database import aside_transaction, reading, write_transaction
from app.services.core.errors import Conflict, Forbidden, NotVisible, Unavailable
from app.services.core.replica import read_from_replica
from app.services.documents import storage
from app.services.reports import CONTENT_TYPES, Report, ReportParams
from app.services.tables import csv_writing
from app.workflow.declaration import Sop

#: Rows after which the progress of a background export is noted.
NOTED_EVERY = 1000
#: Exports that one person may have waiting or running in the background.
MOST_WAITING = 10
SILENT = timedelta(hours=1)
KEPT = timedelta(days=7)
WAITING = ("queued", "running")
#: Prefix of the CSV of an SOP's list in the log.
LIST = "list:"
Make = Callable[[reports.Through], Iterator[bytes]]


@dataclass(frozen=True)
class File:
    """A file on its way out."""

    name: str
    content_type: str
    chunks: Iterator[bytes]


def stream(actor: Actor, report: Report, params: ReportParams) -> File:
    """The report, streamed. It is logged before its first byte is made."""
    if params.form == "xlsx":
        reports.estimated(actor, report, params)
    row = Export(what=report.key, form=params.form, asked=params.as_args(), masked=report.masks(actor))
    return _streamed(actor, row, lambda through: reports.content(actor, report, params, through))


def stream_list(
    actor: Actor, sop: Sop, params: Mapping[str, str], cases: Query[Any], form: str = "csv", dialect: str = ""
) -> File:
    """An SOP's list; ``params``: the filters of the list."""
    masked, closed = masking.masked(actor, sop), closed_fields(actor, sop)
    row = Export(what=LIST + sop.key, form=form, asked=masking.discreet(params), masked=masked)

    def made(through: reports.Through) -> Iterator[bytes]:
        try:
            read_from_replica(cases.session)
            rows = through(csv_writing.rows(sop, cases, masked, closed))
            yield from reports.table(str(sop.label_plural), csv_writing.headings(sop), rows, form, dialect)
        finally:
            # The query is of the request's own session, which has been put away when the stream begins.
            cases.session.close()

    return _streamed(actor, row, made)


def stream_rows(
    actor: Actor, what: str, name: str, params: Mapping[str, str], rows: Iterable[csv_writing.Row], form: str = "csv",
    dialect: str = "",
) -> File:  # fmt: skip
    """Tables that no report makes, headings included: figures, for instance. ``what``: its key in the log; ``name``:
    what its sheet is called."""
    row = Export(what=what, form=form, asked=dict(params), masked=False)

    def made(through: reports.Through) -> Iterator[bytes]:
        lines = iter(rows)
        return reports.table(name, next(lines, ()), through(lines), form, dialect)

    return _streamed(actor, row, made)


def order(actor: Actor, report: Report, params: ReportParams) -> int:
    """Has the report made in the background; the id of its export."""
    if actor.limited_to is not None:  # the worker would make it for its user, who sees more
        raise Forbidden(_("An API key for certain SOPs can't have reports made in the background."))
    expected = reports.estimated(actor, report, params)
    # How a CSV is written narrows nothing, so the log does without it; who makes the file later must know it.
    asked = params.as_args() | ({"dialect": params.dialect} if params.dialect else {})
    with write_transaction() as session:
        waiting = select(func.count(Export.id)).where(Export.user_id == actor.id, Export.state.in_(WAITING),
                                                      Export.storage_key.is_not(None))  # fmt: skip
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            raise Conflict(_("%(most)s of your reports are still being made. Please wait for them.", most=MOST_WAITING))
        row = Export(
            user_id=actor.id, user_name=actor.name, what=report.key, form=params.form, asked=asked,
            masked=report.masks(actor), state="queued", expected=expected, at=clock.now(),
            storage_key=f"{storage.EXPORTS}{uuid.uuid4().hex}", filename=_filename(report.key, params.form),
        )  # fmt: skip
        session.add(row)
        session.flush()
        pk = row.id
        _log(row, "export.begun")
    try:
        _enqueue(pk)
    except Exception as error:
        current_app.logger.exception("The queue does not take export %s", pk)
        _end(pk, "failed", 0)
        raise Unavailable(_("Nothing can be made in the background at the moment. Please try again later.")) from error
    return pk


def is_long(actor: Actor, report: Report, params: ReportParams) -> bool:
    """Whether it has more rows than one waits for."""
    return reports.estimated(actor, report, params) > int(current_app.config["REPORT_BACKGROUND_ROWS"])


def make(pk: int) -> None:
    """Makes a report that was ordered, by whichever worker claims it first."""
    with write_transaction() as session:
        queued = update(Export).where(Export.id == pk, Export.state == "queued")
        claimed = session.execute(queued.values(state="running", ended_at=clock.now())).rowcount  # type: ignore[attr-defined]
    if not claimed:
        return
    seen, state = _Seen(lambda rows: _note(pk, rows=rows)), "failed"
    try:
        with reading():
            _write(pk, seen)
        state = "done"
    except NotVisible:
        state = "refused"
    except Exception:
        current_app.logger.exception("Export %s failed", pk)
    finally:
        _end(pk, state, seen.rows)


def sweep() -> None:
    """Ends exports that no worker continues, enqueues lost ones again, removes files that are too old."""
    silent, now = clock.now() - SILENT, clock.now()
    stuck = (Export.state == "running", func.coalesce(Export.ended_at, Export.at) < silent)
    lost = select(Export.id).where(Export.state == "queued", Export.at < silent)
    with write_transaction() as session:
        for row in session.scalars(select(Export).where(*stuck)):
            row.state, row.ended_at = "failed" if row.storage_key else "broken_off", now
        old = update(Export).where(Export.state.not_in(WAITING), Export.ended_at < now - KEPT)
        session.execute(old.values(storage_key=None), execution_options={"synchronize_session": False})
    for pk in db.session.scalars(lost).all():
        _enqueue(pk)
    for key in storage.older_than(storage.EXPORTS, KEPT):
        storage.forget(key)


def own(actor: Actor, pk: int) -> Export:
    """An export of ``actor``'s own that was made in the background, or ``NotVisible``."""
    row: Export | None = db.session.get(Export, pk) if 0 < pk <= LARGEST_KEY else None
    mine = row is not None and actor.id is not None and row.user_id == actor.id and actor.limited_to is None
    if row is None or not mine or not row.filename:
        raise NotVisible(_("There is no such download."))
    return row


def file_of(actor: Actor, pk: int) -> File:
    """The file of one's own export, once it is made, while it is kept and while one may have the report."""
    row = own(actor, pk)
    reports.report_of(actor, row.what)
    if row.state in WAITING:
        raise Conflict(_("This report is still being made."))
    if row.state != "done" or row.storage_key is None:
        raise NotVisible(_("This file is not kept any more. Please ask for the report again."))
    try:
        length = storage.size(row.storage_key)
    except FileNotFoundError as error:
        raise NotVisible(_("This file is not kept any more. Please ask for the report again.")) from error
    log.record_now(actor, "export.downloaded", ("export", pk, row.what), format=row.form, rows=row.rows)
    return File(row.filename, CONTENT_TYPES[row.form], storage.read(row.storage_key, 0, length))


class _Seen:
    """Counts rows as they pass, and reports progress at intervals."""

    def __init__(self, tell: Callable[[int], None] | None = None) -> None:
        self.rows, self.tell = 0, tell

    def through(self, rows: Iterator[Any]) -> Iterator[Any]:
        for row in rows:
            self.rows += 1
            if self.tell and self.rows % NOTED_EVERY == 0:
                self.tell(self.rows)
            yield row


def _streamed(actor: Actor, row: Export, make: Make) -> File:
    row.user_id, row.user_name, row.state, row.at = actor.id, actor.name, "running", clock.now()
    name, form = _filename(row.what.removeprefix(LIST), row.form), row.form
    with write_transaction() as session:
        session.add(row)
        session.flush()
        pk = row.id
        _log(row, "export.begun")
    return File(name, CONTENT_TYPES[form], _watched(pk, make))


def _watched(pk: int, make: Make) -> Iterator[bytes]:
    seen, state = _Seen(), "failed"
    read_from_replica()
    try:
        yield from make(seen.through)
        state = "done"
    except GeneratorExit:
        state = "broken_off"
        raise
    finally:
        _end(pk, state, seen.rows)


def _write(pk: int, seen: _Seen) -> None:
    row = db.session.get_one(Export, pk)
    user = db.session.get(User, row.user_id) if row.user_id else None
    actor = Actor.of(user if user is not None and user.is_active else None)
    report, params, key = reports.report_of(actor, row.what), reports.again(row.form, row.asked), row.storage_key
    _note(pk, masked=report.masks(actor))
    # By way of a file of our own: what is half made never lies in the store.
    with tempfile.TemporaryFile() as file:
        read_from_replica()
        for chunk in reports.content(actor, report, params, seen.through):
            file.write(chunk)
        file.seek(0)
        storage.put(str(key), file)


def _note(pk: int, **values: Any) -> None:
    with aside_transaction() as session:
        session.execute(update(Export).where(Export.id == pk).values(ended_at=clock.now(), **values))


def _end(pk: int, state: str, rows: int) -> None:
    """Notes the end of an export. A failure to note it does not affect what was delivered; the sweep will mark the
    export as aborted."""
    try:
        with write_transaction() as session:
            ended = update(Export).where(Export.id == pk).values(state=state, rows=rows, ended_at=clock.now())
            session.execute(ended, execution_options={"synchronize_session": False})
            _log(session.get_one(Export, pk, populate_existing=True), "export.ended", rows=rows, state=state)
    except Unavailable:
        current_app.logger.exception("The end of export %s (%s) could not be noted", pk, state)


def _log(row: Export, action: str, **more: Any) -> None:
    """In whoever's name the export is, also where a worker makes it."""
    asked = {key: value for key, value in row.asked.items() if key != "dialect"}
    whose = Actor(row.user_id, row.user_name, frozenset())
    log.record(whose, action, ("export", row.id, row.what), format=row.form, filters=asked, masked=row.masked, **more)


def _enqueue(pk: int) -> None:
    current_app.extensions["tuntas_make_export"](pk)


def _filename(what: str, form: str) -> str:
    return f"{what}-{clock.today()}.{form}"
