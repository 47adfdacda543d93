"""Imports the lender's customers from a table: first a preview, then the changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Customer
from app.services.audit import log
from app.services.core import clock, phones
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict
from app.services.core.wording import REASONS
from app.services.search import tokens
from app.services.tables.csv_reading import Bad, Row, WrongRow, batches, in_every_language, rows
from app.workflow import values
from app.workflow.declaration import Field

BATCH = 500
#: Changed customers and bad rows that a preview lists; all of them are counted.
SHOWN = 100
#: The columns of the table by the names of the customer's own; the order id is what a customer is known by.
COLUMNS = (
    Field("code", _l("Order ID"), required=True),
    Field("name", _l("Name"), required=True),
    Field("phone", _l("Phone number"), required=True, format="phone"),
    Field("email", _l("E-mail"), format="email"),
    Field("product", _l("Product")),
    Field("bill", _l("Bill outstanding"), "money"),
    Field("due_date", _l("Due date"), "date"),
    Field("application_status", _l("Application status")),
)
#: Other headings in use, folded.
HEADINGS = {
    "orderid": "code", "nama": "name", "name": "name", "namapelanggan": "name", "telepon": "phone", "phone": "phone",
    "notelepon": "phone", "nomortelepon": "phone", "nohp": "phone", "email": "email", "produk": "product",
    "product": "product", "tagihan": "bill", "jumlahtagihan": "bill", "bill": "bill", "jatuhtempo": "due_date",
    "duedate": "due_date", "status": "application_status", "statusaplikasi": "application_status",
    "statuspengajuan": "application_status",
}  # fmt: skip
#: The narrower columns of the database.
LIMITS = {"code": 64, "phone": 64}


@dataclass(frozen=True)
class Entry:
    """A row that can be taken over; ``values`` by column of the customer, as far as the file has them."""

    line: int
    values: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.values["code"])


@dataclass(frozen=True)
class Change:
    """A customer that is known already. ``values``: (before, after) by column, for those that differ."""

    code: str
    name: str
    values: Mapping[str, tuple[Any, Any]]


@dataclass
class Outcome:
    """Counts of rows, and what was wrong. ``changes``: the first of the changed ones."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[Bad] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged + len(self.bad)


def preview(path: Path, encoding: str = "utf-8") -> Outcome:
    """What an import would do; nothing is written. Raises ``Malformed`` when the file as a whole can't be read."""
    outcome = Outcome()
    for batch in batches(entries(path, encoding), outcome.bad, BATCH):
        _count(outcome, batch, _known(db.session(), batch))
    return outcome


def take_over(
    path: Path, encoding: str = "utf-8", progress: Callable[[int], None] = lambda rows: None, name: str = ""
) -> Outcome:  # fmt: skip
    """Does the import, a transaction per batch, so that it can be aborted and repeated. ``progress`` is called with how
    many more rows are done. Raises ``Malformed`` before anything is changed."""
    outcome = Outcome()
    for done in taking_over(path, encoding, outcome, name or path.name):
        progress(done)
    return outcome


def taking_over(path: Path, encoding: str, outcome: Outcome, name: str) -> Iterator[int]:
    """The same step by step: yields the rows of each batch once they are saved; ``outcome`` is filled on the way.
    ``name``: what its owner calls the file."""
    preview(path, encoding)  # what can't be read to its end changes nothing
    try:
        for batch in batches(entries(path, encoding), outcome.bad, BATCH):
            _save(batch, outcome)
            yield len(batch)
    finally:
        counts = {"new": outcome.new, "changed": outcome.changed, "unchanged": outcome.unchanged}
        log.record_now(log.present(), "import.done", ("import", "customers", name), bad=len(outcome.bad), **counts)


def _save(batch: list[Entry], outcome: Outcome) -> None:
    """Looks again at what is there, under the lock: since the preview others may have loaded as well."""
    try:
        with write_transaction() as session:
            known = _known(session, batch, lock=True)
            _count(outcome, batch, known)
            for entry in batch:
                _write(session, entry, known)
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just done this.")) from error


def entries(path: Path, encoding: str = "utf-8") -> Iterator[Entry | Bad]:
    """The rows of a file, each order id once."""
    seen: set[str] = set()
    needed = {column.key: column.label for column in COLUMNS if column.required}
    for row in rows(path, encoding, _headings(), needed):
        code = row.cells.get("code", "")
        try:
            yield Entry(row.line, _read(row, seen))
        except WrongRow as wrong:
            yield Bad(row.line, code[:64], str(wrong))


def _headings() -> dict[str, str]:
    ours = {tokens.compact(label): column.key for column in COLUMNS for label in in_every_language(column.label)}
    return ours | HEADINGS


def _read(row: Row, seen: set[str]) -> dict[str, Any]:
    row.check()
    read = {column.key: _cell(column, row.cells[column.key]) for column in COLUMNS if column.key in row.cells}
    for column in COLUMNS:
        if column.required and not read.get(column.key):
            raise WrongRow(_("%(field)s is required.", field=column.label))
    if read["code"] in seen:
        raise WrongRow(_("This order ID stands in the file already."))
    seen.add(read["code"])
    read["phone_normalised"] = phones.normalised(read["phone"])
    if not read["phone_normalised"]:
        raise WrongRow(_("%(field)s: this is no phone number.", field=COLUMNS[2].label))
    return read


def _cell(column: Field, written: str) -> Any:
    try:
        value = values.parse(column, written, clock.zone())
    except values.InvalidValue as error:
        raise WrongRow(f"{column.label}: {REASONS[error.reason]}") from error
    if column.kind.storage != "string":
        return value
    if len(value or "") > LIMITS.get(column.key, values.TEXT_LIMIT):
        raise WrongRow(f"{column.label}: {REASONS['too_long']}")
    return value or ""


def _known(session: Session, batch: list[Entry], lock: bool = False) -> dict[str, Customer]:
    query = select(Customer).where(Customer.code.in_([entry.code for entry in batch])).order_by(Customer.code)
    found = session.scalars(query.with_for_update() if lock else query)
    return {customer.code: customer for customer in found}


def _count(outcome: Outcome, batch: list[Entry], known: Mapping[str, Customer]) -> None:
    for entry in batch:
        customer = known.get(entry.code)
        if customer is None:
            outcome.new += 1
            continue
        differing = {
            key: (getattr(customer, key), value)
            for key, value in entry.values.items()
            if getattr(customer, key) != value and key != "phone_normalised"
        }
        if not differing:
            outcome.unchanged += 1
            continue
        outcome.changed += 1
        if len(outcome.changes) < SHOWN:
            outcome.changes.append(Change(entry.code, customer.name, differing))


def _write(session: Session, entry: Entry, known: Mapping[str, Customer]) -> None:
    customer = known.get(entry.code)
    if customer is None:
        customer = Customer(active=True)
        session.add(customer)
    for key, value in entry.values.items():
        if getattr(customer, key) != value:
            setattr(customer, key, value)
