"""Reads the table of reports that APKT exports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core import clock
from app.services.core.wording import REASONS
from app.services.imports.engine import Entry, Source
from app.services.search import tokens
from app.services.tables import csv_writing
from app.services.tables.csv_reading import Bad, Row, WrongRow, in_every_language, rows
from app.services.tables.dates import moment
from app.sop.apkt import mutations
from app.sop.apkt.mutations import GANGGUAN, KELUHAN
from app.workflow import values
from app.workflow.declaration import Field, Sop, Text

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
#: One that continues a day's sequence ends in this many digits, before which stand letter, code and date.
SEQUENCE, PREFIX = 5, 9
SOP_BY_LETTER: dict[str, Sop] = {sop.number[0]: sop for sop in (KELUHAN, GANGGUAN)}


def entries(path: Path, encoding: str) -> Iterator[Entry | Bad]:
    """The rows of a file. Raises ``Malformed`` when it is no such table."""
    needed = {column.key: csv_writing.heading(KELUHAN, column) for column in KELUHAN.columns if column.key in NEEDED}
    states = {sop.key: _states(sop) for sop in SOP_BY_LETTER.values()}
    seen: set[str] = set()
    for row in rows(path, encoding, _headings(), needed):
        number = tokens.compact(row.cells.get("number", "")).upper()
        try:
            row.check()
            sop = _sop(number)
            if number in seen:
                raise WrongRow(_("This number stands in the file already."))
            seen.add(number)
            yield _entry(row, sop, number, states[sop.key])
        except WrongRow as wrong:
            yield Bad(row.line, number, str(wrong))


def _headings() -> dict[str, str]:
    """Every heading that is understood: APKT's own, and those of our export in every language."""
    keys = set(HEADINGS.values())
    ours = {
        tokens.compact(label): column.key
        for sop in SOP_BY_LETTER.values()
        for column in sop.columns
        if column.key in keys
        for label in in_every_language(csv_writing.heading(sop, column))
    }
    return ours | HEADINGS


def _states(sop: Sop) -> dict[str, str]:
    """State keys by everything they are called."""
    ours = {
        tokens.compact(name): state.key for state in sop.states for name in (state.key, *in_every_language(state.label))
    }
    return {name: key for name, key in STATES.items() if key in sop.state_by_key} | ours


def _entry(row: Row, sop: Sop, number: str, states: Mapping[str, str]) -> Entry:
    cells = row.cells
    state = states.get(tokens.compact(cells.get("state", "")))
    if state is None:
        raise WrongRow(_("Unknown status “%(state)s”.", state=cells.get("state", "")[:40]))
    created_at = _moment(cells.get("created_at", ""), csv_writing.OWN_COLUMNS["created_at"])
    if created_at is None:
        raise WrongRow(_("The date created is missing."))
    answers = {key: _answer(sop.fields[key], cell) for key, cell in cells.items() if key in sop.fields}
    continues = mutations.continued_by(sop.key, answers.get("description"))
    return Entry(row.line, sop, number, state, created_at, answers, _sequence(number), continues)


def _sequence(number: str) -> tuple[str, int] | None:
    return (number[:PREFIX], int(number[PREFIX:])) if len(number) == PREFIX + SEQUENCE else None


def _sop(number: str) -> Sop:
    if not number:
        raise WrongRow(_("The number is missing."))
    sop = SOP_BY_LETTER.get(number[0])
    if sop is None or not NUMBER.fullmatch(number):
        raise WrongRow(_("“%(number)s” is no number of a complaint (K…) or an outage (G…).", number=number[:40]))
    return sop


def _answer(field: Field, written: str) -> Any:
    if field.type == "datetime":
        return _moment(written, field.label)
    if field.choices:
        by_name = {tokens.compact(name): c.key for c in field.choices for name in (c.key, str(c.label))}
        written = by_name.get(tokens.compact(written), written)
    try:
        return values.parse(field, written, clock.zone())
    except values.InvalidValue as error:
        raise WrongRow(f"{field.label}: {REASONS[error.reason]}") from error


def _moment(written: str, label: Text) -> datetime | None:
    try:
        return moment(written, clock.zone())
    except values.InvalidValue as error:
        raise WrongRow(f"{label}: {REASONS[error.reason]}") from error


IMPORT = Source(
    key="apkt",
    help="Imports reports from CSV (comma, semicolon or tab); can be repeated without duplicates.",
    entries=entries,
    link=mutations.link,
    done=_l("%(new)s reports imported, %(links)s mutated pairs linked."),
)
