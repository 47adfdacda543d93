"""Takes over the reports of APKT: first what would happen, then, if it is wanted, it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, Posko
from app.services import clock, creation, mutations, numbering
from app.services.access import SYSTEM
from app.services.apkt_file import Entry, entries
from app.services.csv_reading import Bad, batches
from app.services.database import write_transaction
from app.services.poskos import PlannedPoskos

BATCH = 200
#: A number that continues a day's sequence ends in this many digits; before them stand letter, code and date.
SEQUENCE, PREFIX = 5, 9


@dataclass
class Outcome:
    """Counts of rows, and what was wrong. ``poskos``: name -> code of its unit; ``units``: codes. Both are new."""

    new: int = 0
    there: int = 0
    bad: list[Bad] = field(default_factory=list)
    poskos: dict[str, str | None] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    links: int = 0


def preview(path: Path, unit: str | None = None, encoding: str = "utf-8") -> Outcome:
    """What an import would do; nothing is written. ``unit``: the code of the unit of poskos that no other tells.
    Raises ``Malformed`` when the file as a whole can't be read."""
    outcome, poskos = Outcome(), PlannedPoskos(db.session(), unit)
    for batch in batches(entries(path, encoding), outcome.bad, BATCH):
        new = _missing(db.session(), batch)
        outcome.new += len(new)
        outcome.there += len(batch) - len(new)
        for entry in new:
            poskos.need(entry.values.get("posko"))
    outcome.poskos, outcome.units = poskos.poskos, poskos.units
    return outcome


def take_over(
    path: Path, unit: str | None = None, encoding: str = "utf-8", progress: Callable[[int], None] = lambda rows: None
) -> Outcome:
    """Does the import, a batch a transaction, so that it can be broken off and repeated: a number that is there stays
    as it is. ``progress`` is told how many more rows are done."""
    planned = preview(path, unit, encoding)
    outcome = Outcome(poskos=planned.poskos, units=planned.units)
    with write_transaction() as session:
        poskos = PlannedPoskos(session, unit)
        poskos.make(planned.poskos)
    for batch in batches(entries(path, encoding), outcome.bad, BATCH):
        with write_transaction() as session:
            _reserve(session, batch)
            new = _missing(session, batch)
            cases = [_open(session, entry, poskos) for entry in new]
            outcome.links += mutations.link(session, cases)
        outcome.new += len(new)
        outcome.there += len(batch) - len(new)
        progress(len(batch))
    return outcome


def _missing(session: Session, batch: list[Entry]) -> list[Entry]:
    there = set(session.scalars(select(Case.number).where(Case.number.in_([entry.number for entry in batch]))))
    return [entry for entry in batch if entry.number not in there]


def _reserve(session: Session, batch: list[Entry]) -> None:
    """The sequences go on after the imported numbers. Done first: it keeps others from taking one meanwhile."""
    last: dict[str, int] = {}
    for number in (entry.number for entry in batch):
        if len(number) == PREFIX + SEQUENCE:
            prefix = number[:PREFIX]
            last[prefix] = max(last.get(prefix, 0), int(number[PREFIX:]))
    for prefix in sorted(last):
        numbering.seen(session, prefix, last[prefix])


def _open(session: Session, entry: Entry, poskos: PlannedPoskos) -> Case:
    posko = poskos.known.get(poskos.key(entry.values.get("posko")))
    values = {**entry.values, "posko": session.get(Posko, posko) if posko else None}
    continues = mutations.continued_by(entry.sop.key, entry.values.get("description"))
    case: Case = creation.open_case(
        session, entry.sop, SYSTEM, values, clock.now(), action="import", number=entry.number, state=entry.state,
        created_at=entry.created_at, changes={"from": [None, continues]} if continues else None,
    )  # fmt: skip
    return case
