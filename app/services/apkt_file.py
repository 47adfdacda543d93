"""The table of reports that APKT gives out, row by row: change here which headings and writings are understood."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.services import clock, export, searchable
from app.services.errors import Malformed
from app.services.moments import moment
from app.services.wording import REASONS
from app.sop.apkt import GANGGUAN, KELUHAN
from app.workflow import values
from app.workflow.declaration import Field, Sop, Text

DELIMITERS = "\t;,"
#: Headings of APKT's own table, folded, and the columns of the SOPs' lists that they stand for. "Tanggal Pak" is how
#: the circular of 16 April 2021 prints it.
HEADINGS = {
    "nolapor": "number", "prioritas": "priority", "nama": "name", "status": "state", "alamatpelapor": "address",
    "lokasi": "location", "posko": "posko", "notelepon": "phone", "deskripsi": "description", "penyebab": "cause",
    "tanggalbuat": "created_at", "tanggalpadam": "outage_at", "tanggalpak": "outage_at",
}  # fmt: skip
#: Its names of the states.
STATES = {
    "lapor": "reported", "dalampenanganan": "in_progress", "penugasanregu": "crew_assigned",
    "dalamperjalanan": "en_route", "pengusutanregu": "investigating", "nyala": "restored", "selesai": "resolved",
    "batal": "cancelled",
}  # fmt: skip
NEEDED = ("number", "state", "created_at")
#: Letter, two-digit code, date, sequence; the letter says which SOP.
NUMBER = re.compile(r"[A-Z]\d{2}\d{1,28}")
SOP_BY_LETTER: dict[str, Sop] = {sop.number[0]: sop for sop in (KELUHAN, GANGGUAN)}
MUTATED = re.compile(r"MUTASI K\s*:?\s*(K[\d ]{4,36})")
#: What an export puts before a cell that a spreadsheet would take for a formula.
DEFUSED = re.compile(r"'(?=[@+\-=|%])")


@dataclass(frozen=True)
class Entry:
    """A row that can be taken over. ``values``: by field key, without the posko, which is a name yet.
    ``mutated_from``: the number of the complaint that it continues."""

    line: int
    sop: Sop
    number: str
    state: str
    created_at: datetime
    posko: str
    values: Mapping[str, Any]

    @property
    def mutated_from(self) -> str | None:
        found = MUTATED.match(self.values.get("description") or "")
        return found[1].replace(" ", "") if found else None


@dataclass(frozen=True)
class Bad:
    """A row that can't be taken over, and why, in words."""

    line: int
    number: str
    reason: str


class WrongRow(ValueError):
    """The message is the reason."""


def entries(path: Path, encoding: str = "utf-8") -> Iterator[Entry | Bad]:
    """The rows of a file, each with the line on which it begins. Raises ``Malformed`` when it is no such table."""
    seen: set[str] = set()
    with _readable(encoding), path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        heading, above = "", 0
        while not heading.strip() and (heading := file.readline()):
            above += 1
        columns, delimiter = _columns(heading)
        states = {sop.key: _states(sop) for sop in SOP_BY_LETTER.values()}
        table = csv.reader(file, delimiter=delimiter)
        line = above + 1
        for cells in table:
            if any(cell.strip() for cell in cells):
                yield _judged(line, columns, cells, states, seen)
            line = above + table.line_num + 1


@contextmanager
def _readable(encoding: str) -> Iterator[None]:
    """What is wrong with a whole file, in words."""
    try:
        yield
    except OSError as error:
        raise Malformed(_("The file can't be opened: %(reason)s", reason=error.strerror or error)) from error
    except LookupError as error:
        raise Malformed(_("There is no encoding “%(name)s”.", name=encoding)) from error
    except UnicodeError as error:
        raise Malformed(
            _("The file is not in %(name)s. If it comes from an old program, say --encoding cp1252.", name=encoding)
        ) from error
    except csv.Error as error:
        raise Malformed(_("The file is no table: %(reason)s", reason=error)) from error


def _columns(heading: str) -> tuple[list[str | None], str]:
    """The key of each column (None: not ours), and what stands between the columns."""
    known = _headings()
    readings = [
        ([known.get(searchable.compact(cell)) for cell in next(csv.reader([heading], delimiter=delimiter), [])], delimiter)
        for delimiter in DELIMITERS
    ]
    columns, delimiter = max(readings, key=lambda reading: sum(key is not None for key in reading[0]))
    missing = [str(key) for name, key in HEADINGS.items() if key in NEEDED and key not in columns]
    if missing:
        names = ", ".join(str(export.heading(KELUHAN, column)) for column in KELUHAN.columns if column.key in missing)
        raise Malformed(_("The file has no column for: %(names)s", names=names))
    return columns, delimiter


def _headings() -> dict[str, str]:
    """Every heading that is understood: APKT's own, and those of our export in every language."""
    keys = set(HEADINGS.values())
    ours = {
        searchable.compact(label): column.key
        for sop in SOP_BY_LETTER.values()
        for column in sop.columns
        if column.key in keys
        for label in _in_every_language(export.heading(sop, column))
    }
    return ours | HEADINGS


def _states(sop: Sop) -> dict[str, str]:
    """State keys by everything they are called."""
    ours = {
        searchable.compact(name): state.key
        for state in sop.states
        for name in (state.key, *_in_every_language(state.label))
    }
    return {name: key for name, key in STATES.items() if key in sop.state_by_key} | ours


def _in_every_language(text: Text) -> list[str]:
    found = []
    for language in current_app.config["LANGUAGES"]:
        with force_locale(language):
            found.append(str(text))
    return found


def _judged(line: int, columns: list[str | None], cells: list[str], states: dict[str, dict[str, str]],
            seen: set[str]) -> Entry | Bad:  # fmt: skip
    """The row as an entry, or what is wrong with it."""
    row = {key: _undefused(cell) for key, cell in zip(columns, cells, strict=False) if key}
    number = searchable.compact(row.get("number", "")).upper()
    try:
        if len(cells) > len(columns):
            raise WrongRow(_("The row has more cells than there are headings."))
        sop = _sop(number)
        if number in seen:
            raise WrongRow(_("This number stands in the file already."))
        seen.add(number)
        state = states[sop.key].get(searchable.compact(row.get("state", "")))
        if state is None:
            raise WrongRow(_("Unknown status “%(state)s”.", state=row.get("state", "")))
        created_at = _moment(row.get("created_at", ""), export.OWN_COLUMNS["created_at"])
        if created_at is None:
            raise WrongRow(_("The date created is missing."))
        answers = {field: _answer(sop.fields[field], row.get(field, "")) for field in row if field in sop.fields and field != "posko"}
        return Entry(line, sop, number, state, created_at, " ".join(row.get("posko", "").split()), answers)
    except WrongRow as wrong:
        return Bad(line, number, str(wrong))


def _sop(number: str) -> Sop:
    if not number:
        raise WrongRow(_("The number is missing."))
    sop = SOP_BY_LETTER.get(number[0])
    if sop is None or not NUMBER.fullmatch(number):
        raise WrongRow(_("“%(number)s” is no number of a complaint (K…) or an outage (G…).", number=number[:40]))
    return sop


def _answer(asked: Field, written: str) -> Any:
    if asked.type == "datetime":
        return _moment(written, asked.label)
    if asked.choices:
        by_name = {searchable.compact(name): c.key for c in asked.choices for name in (c.key, str(c.label))}
        written = by_name.get(searchable.compact(written), written)
    try:
        return values.parse(asked, written, clock.zone())
    except values.Malformed as error:
        raise WrongRow(f"{asked.label}: {REASONS[error.reason]}") from error


def _moment(written: str, label: Text) -> datetime | None:
    try:
        return moment(written, clock.zone())
    except values.Malformed as error:
        raise WrongRow(f"{label}: {REASONS[error.reason]}") from error


def _undefused(cell: str) -> str:
    """The cell as it was before an export made it harmless for spreadsheets."""
    cell = cell.strip()
    return DEFUSED.sub("", cell, count=1).replace("\\|", "|") if DEFUSED.match(cell) else cell
