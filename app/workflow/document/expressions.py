"""The expressions of a document: conditions and values over the fields of a case.

The grammar is Python's (``ast`` of the standard library reads it); what may stand in one, its types and what it means
are given here, and nothing of it is ever handed to Python to evaluate. An expression has no loop and no attribute of an
object, so it ends and reaches nothing outside.

Emptiness: whatever needs the value of an empty field is *unknown*, and so is ``not`` of it; ``and`` and ``or`` are
unknown only where the other side does not decide. A rule that is unknown refuses nothing, a condition that is unknown
does not apply. ``x == null`` and ``x != null`` are never unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from dateutil.relativedelta import relativedelta

from app.workflow.contacts import is_phone, mail_address
from app.workflow.parts import Field, Records, Text
from app.workflow.texts import Words
from app.workflow.values import LARGEST

Type = Literal["number", "text", "date", "moment", "span", "months", "truth", "list", "row", "null"]
#: What a field's value is, by ``FieldKind.storage``.
TYPES: dict[str, Type] = {
    "string": "text", "text": "text", "key": "text", "whole": "number", "date": "date", "moment": "moment",
    "truth": "truth", "json": "list", "row": "row",
}  # fmt: skip


class WrongExpression(ValueError):
    """``message`` has the ``values`` as ``%(name)s``."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values)
        self.message, self.values = message, values


@dataclass
class Scope:
    """What an expression sees when it is evaluated. ``values``: the answers of the form; None is an emptied one.
    ``hidden``: the keys of the fields that a sentence may not tell."""

    case: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    now: datetime | None = None
    actor: str = ""
    last: Mapping[str, tuple[datetime, int | None]] = field(default_factory=dict)
    attached: Collection[str] = ()
    fresh: Collection[str] = ()
    hidden: frozenset[str] = frozenset()


Run = Callable[[Scope], Any]


@dataclass(frozen=True)
class Surface:
    """What the expressions at one place of a document may name. ``fields`` can be read from the form or the case;
    ``names`` are ``round``, ``now`` and so on; ``functions`` as in ``FUNCTIONS``; ``references``: per table of master
    data the columns with their types."""

    fields: Mapping[str, Field]
    names: Collection[str]
    functions: Collection[str]
    steps: Mapping[str, Text] = field(default_factory=dict)
    records: Mapping[str, Records] = field(default_factory=dict)
    documents: Mapping[str, Text] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)


@dataclass(frozen=True)
class Expression:
    """``fields``: the keys of the fields that it reads. Two expressions are the same when their sources are."""

    source: str
    type: Type = field(compare=False)
    run: Run = field(compare=False, repr=False)
    fields: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    of: Field | None = field(default=None, compare=False, repr=False)
    #: The values written out in it that it may have, if it can have no other; else none.
    written: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    words: Words = field(default=Words(("", "")), compare=False, repr=False)

    def value(self, scope: Scope) -> Any:
        """None where it is unknown, and where it leaves the calendar or what the database can store."""
        try:
            found = self.run(scope)
        except (OverflowError, ValueError):
            return None
        return None if isinstance(found, int) and abs(found) > LARGEST else found


@dataclass(frozen=True)
class Name:
    type: Type
    run: Run


#: What stands for something else than a field.
NAMES: dict[str, Name] = {
    "now": Name("moment", lambda s: s.now),
    "today": Name("date", lambda s: s.now.date() if s.now else None),
    "actor": Name("text", lambda s: s.actor or None),
    "note": Name("text", lambda s: s.values.get("note")),
    "round": Name("number", lambda s: 1 if s.case is None else s.case.round),
    "number": Name("text", lambda s: getattr(s.case, "number", None)),
    "state": Name("text", lambda s: getattr(s.case, "state", None)),
    "created_at": Name("moment", lambda s: getattr(s.case, "created_at", None)),
    "closed_at": Name("moment", lambda s: getattr(s.case, "closed_at", None)),
}
CONSTANTS: dict[str, tuple[Type, Any]] = {"true": ("truth", True), "false": ("truth", False), "null": ("null", None)}


def value_of(source: str, scope: Scope) -> Any:
    """A field's value: the answer where the form has one, else what the case has; None where it is empty."""
    value = scope.values[source] if source in scope.values else getattr(scope.case, source, None)
    return None if value == "" or value == [] else value


@dataclass(frozen=True)
class Function:
    """``takes``: the types of its arguments; ``step``, ``records``, ``column`` and ``document`` are written as names in
    quotes."""

    takes: tuple[str, ...]
    gives: Type
    run: Callable[..., Any]
    #: Whether the last of its arguments may stand several times.
    several: bool = False


def _day(scope: Scope, moment: datetime) -> date:
    zone = scope.now.tzinfo if scope.now else None
    return moment.astimezone(zone).date() if zone else moment.date()


def newest(scope: Scope, records: str, column: str) -> Any:
    rows = sorted(getattr(scope.case, records, None) or (), key=lambda row: row.id)
    return getattr(rows[-1], column) if rows else None


def _last(scope: Scope, *steps: str) -> datetime | None:
    return max((scope.last[step][0] for step in steps if step in scope.last), default=None)


FUNCTIONS: dict[str, Function] = {
    "date": Function(("moment",), "date", _day),
    "short": Function(("date",), "text", lambda _s, day: f"{day:%d/%m/%Y}"),
    "days": Function(("number",), "span", lambda _s, n: timedelta(days=n)),
    "hours": Function(("number",), "span", lambda _s, n: timedelta(hours=n)),
    "months": Function(("number",), "months", lambda _s, n: relativedelta(months=n)),
    "len": Function(("text or list",), "number", lambda _s, x: len(x)),
    "lower": Function(("text",), "text", lambda _s, x: x.lower()),
    "starts_with": Function(("text", "text"), "truth", lambda _s, x, beginning: x.startswith(beginning)),
    "is_mail": Function(("text",), "truth", lambda _s, x: mail_address(x) is not None),
    "is_phone": Function(("text",), "truth", lambda _s, x: is_phone(x)),
    "last": Function(("step",), "moment", _last, several=True),
    "count": Function(("records",), "number", lambda s, key: len(getattr(s.case, key, None) or ())),
    "newest": Function(("records", "column"), "null", newest),
    "has": Function(("document",), "truth", lambda s, key: key in s.attached),
    "fresh": Function(("document",), "truth", lambda s, key: key in s.fresh),
}
