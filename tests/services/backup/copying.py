"""Instances to be copied, and what is in them."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Date, DateTime, Table, Time, insert, select

from app.extensions import db
from app.services.accounts import unfinished
from app.services.backup import checking, copies, restoring, rows
from app.services.backup.known import NAME
from app.services.backup.rotation import Keep
from app.services.backup.sealing import Keys
from app.services.backup.taking import KEY
from app.services.cases import transitions
from app.services.core import clock
from app.services.documents import documents, storage
from tests.cast import Cast
from tests.conftest import PDF
from tests.services.cases.test_transitions import REPORT, depok

OPEN, NONE = Keys(), Keep()


@contextmanager
def silent(_label: str, _length: int) -> Iterator[Any]:
    yield lambda count: None


class Work:
    """Somebody who reports outages and somebody who takes them on, each with a file."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.test_request_context():
            depok()
            cast = Cast(app)
            self.cso, self.unit = cast.actor("cso"), cast.actor("unit_depok", "unit", unit="ULP-DPK")
            db.session.remove()

    def case(self, turn: int = 0, more: bytes = b"") -> str:
        """A new case with a photo, taken on; its number. ``more``: what the photo has behind its end."""
        with self.app.test_request_context():
            photo: Any = {"foto": [documents.Upload("foto.pdf", io.BytesIO(PDF + str(turn).encode() + more))]}
            case = transitions.create(self.cso, "keluhan", REPORT | {"description": f"padam {turn}"}, photo)
            number, pk = case.number, case.id
            transitions.perform(self.unit, "keluhan", pk, "start", {})
            db.session.remove()
            return str(number)


def fill(app: Flask) -> None:
    """Cases, and a row in every table that has none."""
    work = Work(app)
    for turn in range(3):
        work.case(turn)
    with app.app_context(), db.engine.begin() as connection:
        tables = rows.tables(connection)
        for table in tables:
            if not rows.count(connection, table) and table.name != rows.WORDS:
                row = _row(connection, table)
                connection.execute(insert(table).values(row))
                storage.put(row[KEY], b"of this row") if KEY in row else None
        rows.set_sequences(connection)


def _row(connection: Any, table: Table) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        target = next((key.column for key in column.foreign_keys), None)
        there = connection.scalar(select(target)) if target is not None else None
        row[column.name] = _value(column) if target is None else there
    return row


def _value(column: Any) -> Any:
    now = clock.now().replace(tzinfo=None)
    if column.name == KEY:
        return f"kept/{column.table.name}-é"
    if isinstance(column.type, DateTime):
        return now
    if isinstance(column.type, Date | Time):
        return now.date() if isinstance(column.type, Date) else now.time()
    return {"boolean": True, "json": '{"b": [null, "é"], "a": 1}', "bytes": b"\0\xff"}.get(
        rows.kind_of(column), "é’"[: column.type.length] if rows.kind_of(column) in ("text", "longtext") else 7
    )


def taken(app: Flask, target: Path | str, keys: Keys = OPEN, keep: Keep = NONE, replace: bool = False) -> Any:
    with app.test_request_context():
        return copies.write(str(target), keys, keep, replace, silent)


def checked(app: Flask, source: Path | str, keys: Keys = OPEN) -> checking.Report:
    with app.test_request_context(), copies.read(str(source), keys) as file:
        return checking.check(file, silent)


def put_back(
    app: Flask, source: Path | str, keys: Keys = OPEN, remembered: Any = None, older: bool = False
) -> list[str]:
    with app.test_request_context():
        return list(restoring.restore(lambda: copies.read(str(source), keys), silent, remembered, older))


def contents(app: Flask) -> dict[str, Any]:
    """Every row and every file of an instance."""
    with app.app_context():
        with db.engine.connect() as connection:
            found: dict[str, Any] = {table.name: _rows(connection, table) for table in rows.tables(connection)}
        return found | {key: b"".join(storage.whole(key)[1]) for key in storage.every_key() if key != NAME}


def _rows(connection: Any, table: Table) -> list[str]:
    names = table.columns.keys()
    return sorted(repr(sorted(zip(names, row, strict=True))) for row in rows.read(connection, table))


def emptied(app: Flask) -> Flask:
    """As before anything was put into it."""
    with app.app_context():
        for mark in unfinished.MARKS:
            mark.remove() if mark.there() else None
        unfinished.drop(unfinished.our_tables())
        db.session.remove()
        db.engine.dispose()
    for left in ("files", "sop"):
        shutil.rmtree(Path(app.config["INSTANCE_PATH"]) / left, ignore_errors=True)
    (Path(app.config["INSTANCE_PATH"]) / NAME).unlink(missing_ok=True)
    app.extensions.pop("tuntas_store", None)
    return app
