"""Personal data in what leaves the product: who gets them masked, and how. Change here both."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.services.core import personal, phones
from app.services.core.access import READ_ALL, Actor
from app.workflow.declaration import Field, Sop

MASK = "***"
#: Of a phone number these many digits stay, at its beginning and at its end.
FIRST, LAST = 4, 3
#: What every case has that tells who reported what.
OWN = frozenset({"title", "reporter_name", "reporter_phone"})
#: What a filter by a day looks like.
DAY = re.compile(r"[\d/.-]{8,10}")


def masked(actor: Actor, sop: Sop) -> bool:
    """Whether exports of ``sop`` show ``actor`` personal data masked: when every role by which he reads it is one of
    its ``masked_for``. Whoever reads everything sees everything."""
    reading = actor.roles & set(sop.roles)
    return not actor.roles & READ_ALL and reading <= set(sop.masked_for)


def hidden(sop: Sop) -> frozenset[str]:
    """The keys of a case's fields and own columns that are masked."""
    return OWN | personal.of_case(sop) | {sop.subject}


def mask(value: Any, asked: Field | None = None) -> str:
    """``R*** M***`` for words, ``0812****345`` for a phone, nothing but the mask for what is written at length or is
    no text at all; nothing for nothing."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        return MASK
    return MASKS[asked.kind.mask if asked is not None else "initials"](value)


def initials(written: str) -> str:
    return " ".join(word[0] + MASK for word in written.split())


def phone(written: str) -> str:
    digits = re.sub(r"\D", "", phones.national(written))
    if len(digits) <= FIRST + LAST:
        return MASK
    return digits[:FIRST] + "*" * (len(digits) - FIRST - LAST) + digits[-LAST:]


#: By what is left of a kind's values.
MASKS: dict[str, Callable[[str], str]] = {"nothing": lambda written: MASK, "initials": initials, "ends": phone}


def discreet(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters of a list without the names and numbers that were searched for: the log outlasts the cases' data."""
    return {
        name: mask(value) if name == "q" or (name.startswith("_flt_") and not DAY.fullmatch(value)) else value
        for name, value in asked.items()
    }
