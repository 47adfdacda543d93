"""Imports cases from a table of another program: first a preview, then the import. The SOPs declare the tables
(``import_file`` of their packages)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, Posko
from app.services.audit import log
from app.services.cases import creation, numbering
from app.services.core import clock
from app.services.core.access import SYSTEM
from app.services.core.database import write_transaction
from app.services.imports.poskos import PlannedPoskos
from app.services.tables.csv_reading import Bad, batches
from app.sop import in_effect
from app.workflow.declaration import Sop, Text

BATCH = 200


@dataclass(frozen=True)
class Entry:
    """A row that can be taken over. ``values``: by field key, the posko by its name. ``sequence``: prefix and value of
    its number; None for a number of another shape. ``continues``: the number of the case that it continues, according
    to its row."""

    line: int
    sop: Sop
    number: str
    state: str
    created_at: datetime
    values: Mapping[str, Any]
    sequence: tuple[str, int] | None = None
    continues: str | None = None


@dataclass(frozen=True)
class Source:
    """A table of another program. ``key``: the name of its command; ``help``: the command's help. ``entries``: the rows
    of a file in an encoding, raises ``Malformed`` when it is no such table. ``link``: links new cases to those that
    they continue or are continued by, returns how many. ``done``: the sentence with how many are ``new`` and how many
    ``links`` there are."""

    key: str
    help: str
    entries: Callable[[Path, str], Iterator[Entry | Bad]]
    link: Callable[[Session, Sequence[Case]], int]
    done: Text


@dataclass
class Outcome:
    """Counts of rows, and what was wrong. ``poskos``: name -> code of its unit; ``units``: codes. Both are new."""

    new: int = 0
    there: int = 0
    bad: list[Bad] = field(default_factory=list)
    poskos: dict[str, str | None] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    links: int = 0


def preview(source: Source, path: Path, unit: str | None = None, encoding: str = "utf-8") -> Outcome:
    """What an import would do; nothing is written. ``unit``: the code of the unit for poskos without another hint.
    Raises ``Malformed`` when the file as a whole can't be read."""
    outcome, poskos = Outcome(), PlannedPoskos(db.session(), unit)
    for batch in batches(source.entries(path, encoding), outcome.bad, BATCH):
        new = _missing(db.session(), batch)
        outcome.new += len(new)
        outcome.there += len(batch) - len(new)
        for entry in new:
            poskos.need(entry.values.get("posko"))
    outcome.poskos, outcome.units = poskos.poskos, poskos.units
    return outcome


def take_over(
    source: Source, path: Path, unit: str | None = None, encoding: str = "utf-8",
    progress: Callable[[int], None] = lambda rows: None,
) -> Outcome:  # fmt: skip
    """Does the import, a transaction per batch, so that it can be aborted and repeated: existing numbers are left as
    they are. ``progress`` is called with how many more rows are done."""
    planned = preview(source, path, unit, encoding)
    outcome = Outcome(poskos=planned.poskos, units=planned.units)
    with write_transaction() as session:
        poskos = PlannedPoskos(session, unit)
        poskos.make(planned.poskos)
    for batch in batches(source.entries(path, encoding), outcome.bad, BATCH):
        with write_transaction() as session:
            _reserve(session, batch)
            new = _missing(session, batch)
            cases = [_open(session, entry, poskos) for entry in new]
            outcome.links += source.link(session, cases)
        outcome.new += len(new)
        outcome.there += len(batch) - len(new)
        progress(len(batch))
    counts = {"new": outcome.new, "there": outcome.there, "bad": len(outcome.bad)}
    log.record_now(log.present(), "import.done", ("import", source.key, path.name), **counts)
    return outcome


def _missing(session: Session, batch: list[Entry]) -> list[Entry]:
    there = set(session.scalars(select(Case.number).where(Case.number.in_([entry.number for entry in batch]))))
    return [entry for entry in batch if entry.number not in there]


def _reserve(session: Session, batch: list[Entry]) -> None:
    """Continues the sequences after the imported numbers. Done first, so that nobody else takes one meanwhile."""
    last: dict[str, int] = {}
    for prefix, value in (entry.sequence for entry in batch if entry.sequence):
        last[prefix] = max(last.get(prefix, 0), value)
    for prefix in sorted(last):
        numbering.seen(session, prefix, last[prefix])


def _open(session: Session, entry: Entry, poskos: PlannedPoskos) -> Case:
    posko = poskos.known.get(poskos.key(entry.values.get("posko")))
    values = {**entry.values, "posko": session.get(Posko, posko) if posko else None}
    sop = in_effect(entry.sop.key, clock.today())
    case: Case = creation.open_case(
        session, sop, SYSTEM, values, clock.now(), action="import", number=entry.number, state=entry.state,
        created_at=entry.created_at, changes={"from": [None, entry.continues]} if entry.continues else None,
    )  # fmt: skip
    return case
