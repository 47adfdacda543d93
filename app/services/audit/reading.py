"""Reading the audit log: who may, which entries, and what they say in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, or_, select

from app.extensions import db
from app.models import AuditEntry
from app.services.audit.actions import ACTIONS, KINDS
from app.services.core import clock
from app.services.core.access import ADMIN, AUDITOR, Actor
from app.services.core.conditions import within
from app.services.core.errors import Forbidden
from app.services.core.formatting import NOTHING, who, yes_or_no
from app.services.core.keyset import Order, Page, page
from app.workflow.declaration import Text

READERS = frozenset({ADMIN, AUDITOR})
NEWEST = Order((AuditEntry.seq,), descending=True)
SIZE = 50
VERIFIED = "audit.verified"
#: Fields of rows and details by what people call them; what stands nowhere here is shown as it is called in the code.
FIELDS: dict[str, Text] = {
    "username": _l("User name"), "first_name": _l("First name"), "last_name": _l("Last name"), "email": _l("E-mail"),
    "unit_id": _l("Unit"), "user_id": _l("User"), "active": _l("Active"), "roles": _l("Roles"), "name": _l("Name"),
    "code": _l("Code"), "zone": _l("Time zone"), "position": _l("Position"), "forum": _l("Kind of hearing"),
    "direct": _l("May be answered at once"), "amount": _l("How long"), "measure": _l("Measure"), "sop": _l("SOP"),
    "channel": _l("Channel"), "deadline": _l("Deadline"), "state": _l("Status"), "citation": _l("Based on"),
    "effective": _l("For cases received from"), "escalate_to": _l("Told when it has run out"), "day": _l("Day"),
    "joint_leave": _l("Joint leave counts as a holiday"), "working": _l("It is worked"), "years": _l("Years"),
    "weekday": _l("Day of the week"), "opens": _l("From"), "closes": _l("To"), "url": _l("Address"),
    "document_type": _l("Kind of document"), "service": _l("Service"), "kinds": _l("Kinds of notices"),
    "sops": _l("SOPs"), "events": _l("Events"), "status": _l("HTTP status"), "format": _l("Format"),
    "rows": _l("Rows"), "masked": _l("Masked"), "filters": _l("Filters"), "version": _l("Version"),
    "type": _l("Kind"), "options": _l("Options"), "outcome": _l("Result"), "names": _l("Names"),
    "reason": _l("Reason"), "more": _l("The same again before"), "others": _l("Others left out before"),
    "numbers": _l("Numbers in the address"), "files": _l("Files"), "new": _l("New"), "changed": _l("Changed"),
    "unchanged": _l("Unchanged"), "bad": _l("Can't be imported"), "secret": _l("Secret, changed"),
}  # fmt: skip
#: Of these a pair is two of them.
LISTS = frozenset({"roles", "kinds", "sops", "events", "names", "secret"})
#: Of a detail these are for the machine.
MACHINE = frozenset({"digests"})


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; empty: everything. ``who``: in a name or user name; ``subject``: in what an entry is
    about, by name or key."""

    who: str = ""
    action: str = ""
    kind: str = ""
    subject: str = ""
    address: str = ""
    first: date | None = None
    last: date | None = None

    def told(self) -> dict[str, str]:
        """For an address and for the log of exports."""
        days = {"from": self.first and self.first.isoformat(), "to": self.last and self.last.isoformat()}
        own = {name: getattr(self, name) for name in ("who", "action", "kind", "subject", "address")}
        return {name: str(value) for name, value in (own | days).items() if value}


@dataclass(frozen=True)
class Line:
    """One thing that an entry tells: what it was and what it is, or what it is alone."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True)
class ChainState:
    """What the last check has found: ``upto`` which entry the chain is whole, and since when that is known; ``wrong``:
    the first that does not follow, 0 for none."""

    upto: int
    at: datetime
    wrong: int


def may_read(actor: Actor) -> bool:
    return bool(actor.roles & READERS)


def reader_or_refused(actor: Actor) -> None:
    if not may_read(actor):
        raise Forbidden(_("Only %(roles)s may do this.", roles=", ".join(sorted(READERS))))


def entries(actor: Actor, wanted: Wanted, after: str = "", before: str = "") -> Page:
    """A page of entries, newest first. Raises ``Forbidden``."""
    reader_or_refused(actor)
    found = page(db.session(), _chosen(wanted), NEWEST, SIZE, after=after, before=before)
    return Page(found.rows, found.earlier, found.later)


def every(actor: Actor, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    """The rows of a table of them all, headings first."""
    reader_or_refused(actor)
    yield (_("Number"), _("Time"), _("Name"), _("User name"), _("Address"), _("Request"), _("Action"),
           _("What was done"), _("Kind"), _("Key"), _("Name of it"), _("Detail"), _("Hash"))  # fmt: skip
    for row in db.session.execute(NEWEST.ordered(_chosen(wanted)).execution_options(yield_per=1000)):
        # A sheet knows no zone: the deployment's, as in every table.
        at = row.at.astimezone(clock.zone()).replace(tzinfo=None)
        yield (row.seq, at, row.actor_name, row.account, row.address, row.request, row.action, label(row.action),
               kind_label(row.subject_type), row.subject, row.subject_name, _sentences(row.detail),
               row.hash)  # fmt: skip


def _chosen(wanted: Wanted) -> Select[Any]:
    columns = [column for column in AuditEntry.__table__.c if column.key != "id"]
    return select(*columns).where(*conditions(wanted))


def conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield within(AuditEntry.at, wanted.first, wanted.last)
    for column, value in ((AuditEntry.action, wanted.action), (AuditEntry.subject_type, wanted.kind)):
        if value:
            yield column == value
    if wanted.address:
        yield AuditEntry.address.istartswith(wanted.address, autoescape=True)
    for columns, words in (
        ((AuditEntry.actor_name, AuditEntry.account), wanted.who),
        ((AuditEntry.subject_name, AuditEntry.subject), wanted.subject),
    ):
        if words:
            yield or_(*(column.icontains(words, autoescape=True) for column in columns))


def label(action: str) -> str:
    return str(ACTIONS.get(action, action))


def kind_label(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def doer(row: Any) -> str:
    """Name and user name; of nobody a dash."""
    return who(row.actor_name, row.account) if row.actor_name else NOTHING


def lines(detail: Mapping[str, Any]) -> list[Line]:
    """What an entry tells besides its head."""
    changed = [
        Line(_field(key), None if was is None else _said(was), _said(now))
        for key, (was, now) in detail.get("changes", {}).items()
    ]
    rest = ((key, value) for key, value in detail.items() if key != "changes" and key not in MACHINE)
    return changed + [_line(key, value) for key, value in rest]


def _line(key: str, value: Any) -> Line:
    """A pair under the name of a field is what it was and what it is."""
    if key in FIELDS and isinstance(value, list) and len(value) == 2 and key not in LISTS:
        return Line(_field(key), _said(value[0]), _said(value[1]))
    return Line(_field(key), None, _said(value))


def _sentences(detail: Mapping[str, Any]) -> str:
    return "; ".join(_sentence(line) for line in lines(detail))


def _sentence(line: Line) -> str:
    return f"{line.label}: {line.after}" if line.before is None else f"{line.label}: {line.before} → {line.after}"


def _field(key: str) -> str:
    return str(FIELDS.get(key, key))


def _said(value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return NOTHING
    if isinstance(value, bool):
        return str(yes_or_no(value))
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    if isinstance(value, dict):
        return ", ".join(f"{_field(key)}: {_said(one)}" for key, one in value.items())
    return str(value)


def chain_state() -> ChainState | None:
    """Of the last check; None before the first."""
    newest = select(AuditEntry.at, AuditEntry.detail).where(AuditEntry.action == VERIFIED)
    row = db.session.execute(newest.order_by(AuditEntry.seq.desc()).limit(1)).one_or_none()
    return ChainState(row.detail["upto"], row.at, row.detail.get("wrong", 0)) if row else None
