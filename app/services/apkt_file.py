"""The table of reports that APKT gives out, row by row: change here which headings and writings are understood."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
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
        heading = next((line for line in file if line.strip()), "")
        columns, delimiter = _columns(heading)
        before = heading.count("\n") or 1
        table = csv.reader(file, delimiter=delimiter)
        for row in table:
            line, before_this = before + 1, before
            before = table.line_num + 1
            assert before_this < before
            if any(cell.strip() for cell in row):
                yield _row(line, columns, row, seen)
