"""Personal data in what leaves the product: who gets them masked, and how. Change here both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.services import phones
from app.services.access import READ_ALL, Actor
from app.workflow.declaration import Field, Sop

MASK = "***"
#: Of a phone number these many digits stay, at its beginning and at its end.
FIRST, LAST = 4, 3
#: What every case has that tells who reported what.
OWN = frozenset({"title", "reporter_name", "reporter_phone"})
#: What a filter by a day looks like.
DAY = re.compile(r"[\d/.-]{8,10}")
#: Values of these types may say anything.
TEXTS = frozenset({"text", "longtext"})


def masked(actor: Actor, sop: Sop) -> bool:
    """Whether exports of ``sop`` show ``actor`` personal data masked: when every role by which he reads it is one of
    its ``masked_for``. Whoever reads everything sees everything."""
    reading = actor.roles & {*sop.roles, *sop.readers}
    return not actor.roles & READ_ALL and reading <= set(sop.masked_for)


def hidden(sop: Sop) -> frozenset[str]:
    """The keys of a case's fields and own columns that are masked."""
    return OWN | {*sop.personal, *(sop.reporter or ()), sop.subject}


def mask(value: Any, asked: Field | None = None) -> str:
    """``R*** M***`` for words, ``0812****345`` for a phone, nothing but the mask for what is written at length or is
    no text at all; nothing for nothing."""
    if value is None or value == "":
        return ""
    if asked is not None and asked.format == "phone":
        return phone(str(value))
    if not isinstance(value, str) or (asked is not None and asked.type != "text"):
        return MASK
    return " ".join(word[0] + MASK for word in value.split())


def phone(written: str) -> str:
    digits = re.sub(r"\D", "", phones.national(written))
    if len(digits) <= FIRST + LAST:
        return MASK
    return digits[:FIRST] + "*" * (len(digits) - FIRST - LAST) + digits[-LAST:]


def discreet(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters of a list without the names and numbers that were searched for: the log outlasts the cases' data."""
    return {
        name: mask(value) if name == "q" or (name.startswith("_flt_") and not DAY.fullmatch(value)) else value
        for name, value in asked.items()
    }
