"""Masking of personal data: for whom, and how.

It holds wherever a case is read. On the page of a case, and for its files, it is lifted for the time for which somebody
has had the case revealed to them (``reveals.py``); never in lists, exports and the API, since a program could read case
after case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.services.core import personal, phones, reveals
from app.services.core.access import (
    READ_ALL,
    Actor,
    closed_columns,
    closed_fields,
    is_withdrawn,
    may_read_note,
    readable_changes,
)
from app.sop import sop_of
from app.workflow.declaration import Field, Records, Sop
from app.workflow.veil import MASK as MASK
from app.workflow.veil import Masked

#: Of a phone number these many digits stay, at its beginning and at its end.
FIRST, LAST = 4, 3
#: The columns of every case that are personal data.
OWN = frozenset({"title", "reporter_name", "reporter_phone"})
#: What a filter by a day looks like.
DAY = re.compile(r"[\d/.-]{8,10}")
#: The API's schema has no text for these types.
NO_TEXT = frozenset({"integer", "money", "date", "datetime", "boolean", "list"})
LONGEST_ENDING = 4
Mask = Callable[[Any, Field | None], Any]


def masked(actor: Actor, sop: Sop) -> bool:
    """Whether ``actor`` gets the personal data of ``sop`` masked: when every role by which they read it is one of its
    ``masked_for``, in one of its revisions: lists go over the cases of all of them. Whoever reads everything sees
    everything."""
    if actor.roles & READ_ALL:
        return False
    reading = [one for one in sop.revisions if actor.roles & set(one.roles)]
    return not reading or any(actor.roles & set(one.roles) <= set(one.masked_for) for one in reading)


def masked_now(actor: Actor, case: Any) -> bool:
    """The same for one case on its page: it may be revealed to them."""
    return masked(actor, sop_of(case)) and not reveals.is_revealed(actor, case.id)


def hidden(sop: Sop) -> frozenset[str]:
    """The keys of a case's fields and own columns that are masked: those that tell of people, and those written at
    length."""
    long = {key for key, field in sop.fields.items() if field.kind.long}
    return OWN | personal.of_case(sop) | long | {one.subject for one in sop.revisions}


def hidden_from(actor: Actor, sop: Sop) -> frozenset[str]:
    """The same for one reader, with the fields that are confidential to others. Lists can't be filtered or ordered by
    them: that would disclose them."""
    return closed_fields(actor, sop) | (hidden(sop) if masked(actor, sop) else frozenset())


def field_of(sop: Sop, key: str) -> Field | None:
    """The field of a key; of a case's title the one that the title is taken from."""
    return sop.fields.get(sop.subject if key == "title" else key)


def mask(value: Any, field: Field | None = None) -> str:
    """``R*** M***`` for words, ``0812****345`` for a phone, nothing but the mask for what is written at length or is
    no text at all; nothing for nothing."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        return MASK
    return MASKS[field.kind.mask if field is not None else "initials"](value)


def veil(value: Any, field: Field | None = None) -> Any:
    """The same for a page; what is empty stays so."""
    return value if value in (None, "", []) else Masked(mask(value, field))


def blank(written: Any) -> Any:
    """The same of what is written at length."""
    return Masked(MASK) if written else written


def initials(written: str) -> str:
    return " ".join(word[0] + MASK for word in written.split())


def as_json(value: Any, field: Field | None = None) -> str | None:
    """The same in the type that the API promises for the field: a text, or null where it is no text."""
    if value is None or (field is not None and field.type in NO_TEXT):
        return None
    return mask(value, field)


def file_name(name: str) -> str:
    """Of a file's name nothing but its ending."""
    stem, dot, ending = name.rpartition(".")
    return f"{MASK}.{ending}" if stem and dot and ending.isalnum() and len(ending) <= LONGEST_ENDING else MASK


def note_of(actor: Actor, sop: Sop, event: Any) -> str | None:
    """The note of an event (or of a row with the same columns) for one reader: the mask where it is not for them."""
    if is_withdrawn(event):
        return None
    if not event.note or (may_read_note(actor, sop, event) and not masked(actor, sop)):
        return str(event.note) if event.note else None
    return MASK


def changes_for(actor: Actor, sop: Sop, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """The changes of an event for one reader: without what is confidential to others, and masked for whom they are."""
    readable = readable_changes(actor, sop, stored)
    return changes(sop, readable) if masked(actor, sop) else readable


def row_for(actor: Actor, sop: Sop, records: Records, record: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a record for one reader: what is confidential to others is null."""
    closed = dict.fromkeys(closed_columns(actor, sop, records.key))
    return (row(sop, records, record) if masked(actor, sop) else dict(record)) | closed


def changes(sop: Sop, stored: Mapping[str, Any], one: Mask = as_json) -> dict[str, Any]:
    """The changes of a step as the history stores them (``{field: [before, after]}``, rows by kind of record),
    masked, each value by ``one``."""
    fields = {field.key: field for step in sop.known_transitions.values() for field in step.fields} | sop.fields
    hide = hidden(sop) | {key for key, field in fields.items() if key not in sop.fields and field.kind.free}
    return {key: _change(sop, key, value, fields.get(key), hide, one) for key, value in stored.items()}


def _change(sop: Sop, key: str, value: Any, field: Field | None, hide: frozenset[str], one: Mask) -> Any:
    if key in sop.records_by_key:
        return [row(sop, sop.records_by_key[key], told, one) for told in value]
    return [one(told, field) for told in value] if key in hide else value


def row(sop: Sop, records: Records, record: Mapping[str, Any], one: Mask = as_json) -> dict[str, Any]:
    """A row of a record, its personal columns masked; of a correction, each with what was there before."""
    hide = {column.key: column for column in personal.of_rows(sop, records)}
    return {key: _cell(value, hide[key], one) if key in hide else value for key, value in record.items()}


def _cell(value: Any, column: Field, one: Mask) -> Any:
    return [one(told, column) for told in value] if isinstance(value, list) else one(value, column)


def phone(written: str) -> str:
    digits = re.sub(r"\D", "", phones.national(written))
    if len(digits) <= FIRST + LAST:
        return MASK
    return digits[:FIRST] + "*" * (len(digits) - FIRST - LAST) + digits[-LAST:]


#: By what is left of a kind's values.
MASKS: dict[str, Callable[[str], str]] = {"nothing": lambda written: MASK, "initials": initials, "ends": phone}


def discreet(args: Mapping[str, str]) -> dict[str, str]:
    """The filters of a list with names and numbers masked: the log outlasts the cases' data."""
    return {
        name: mask(value) if name == "q" or (name.startswith("_flt_") and not DAY.fullmatch(value)) else value
        for name, value in args.items()
    }
