"""Splits the text of a case into the words and keys by which it is found, according to its SOP's declaration.

Documents, notes, rows and confidential fields are never included, so nothing confidential can be found by its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.models import Case
from app.services.core import phones
from app.services.core.access import NOBODY, closed_fields
from app.workflow.declaration import Field, Sop

#: The kind of key of a case number, stored backwards so that its last digits find it.
NUMBER = "number"
WORD = re.compile(r"[^\W_]+")
#: An identifier (customer id, waybill, letter number) has this many digits at least, and more digits than letters.
LEAST_DIGITS = 5
#: Longer runs of letters are no words that anybody types; PostgreSQL takes no lexeme and no index row beyond 2 kB.
LONGEST_WORD = 64
LONGEST_KEY = 255


def folded(text: str) -> str:
    """Lower case, without accents, in one of Unicode's many writings."""
    if text.isascii():
        return text.lower().replace("\x00", "")
    marks = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in marks if not unicodedata.combining(c) and c != "\x00")


def words_in(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return [word[:LONGEST_WORD] for word in WORD.findall(folded(text))]


def compact(text: str) -> str:
    """A text without its case, spaces and punctuation: ``K54 210414 00002`` -> ``k5421041400002``."""
    return "".join(WORD.findall(folded(text)))[:LONGEST_KEY]


def key_of(field: Field, value: Any) -> str:
    """What two values of a field have in common when they mean the same; empty when there is nothing to compare."""
    written = str(value or "")
    return compact(phones.normalised(written) if field.kind.dialled else written)


def is_identifier(text: str) -> bool:
    key = compact(text)
    digits = sum(c.isdigit() for c in key)
    return digits >= LEAST_DIGITS and digits * 2 >= len(key)


def keys_of(sop: Sop, case: Case) -> set[tuple[str, str]]:
    """``(field, key)`` for everything by which a case is found exactly."""
    found = {(NUMBER, compact(case.number)[::-1])}
    for field in readable(sop):
        value = str(getattr(case, field.key) or "") if field.kind.words == "always" else ""
        if field.key in sop.similar or field.kind.exact or is_identifier(value):
            found.add((field.key, key_of(field, value)))
    return {(field, key) for field, key in found if key}


def words_of(sop: Sop, case: Case, earlier: Collection[Mapping[str, Any]] = ()) -> list[str]:
    """Every word by which a case is found, each once: those of its short texts, and of its long ones as far as they
    are what the SOP is about or personal. ``earlier``: what earlier rounds of the case had answered, by field."""
    found = dict.fromkeys([compact(case.number)])
    for field in texts(sop):
        for answered in (getattr(case, field.key), *(answers.get(field.key) for answers in earlier)):
            found |= dict.fromkeys(_words(field, str(answered or "")))
    return list(found)


def _words(field: Field, value: str) -> Iterator[str]:
    yield from words_in(value)
    if value and (field.kind.dialled or is_identifier(value)):
        yield key_of(field, value)[:LONGEST_WORD]


def readable(sop: Sop) -> Iterator[Field]:
    """The fields that everybody reads who sees the case, and that can have words or keys."""
    closed = closed_fields(NOBODY, sop)
    return (field for field in sop.fields.values() if field.key not in closed)


def texts(sop: Sop) -> Iterator[Field]:
    """The fields whose words find a case."""
    about = {sop.subject, *sop.personal, *sop.similar, *(sop.reporter or ())}
    for field in readable(sop):
        if field.kind.words == "always" or (field.kind.words == "about" and field.key in about):
            yield field
