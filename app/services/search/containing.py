"""Conditions on cases for what is typed into the box above a list: in the number, the name or the phone, wherever it
stands there. Groups of three letters find it on both databases; what is shorter is looked for as a word of the name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import Session

from app.models import Case
from app.services.core import phones
from app.services.search import tokens
from app.services.search.index import engine_of

#: From so many letters on their groups find a text, and so many digits may be a part of a number.
LEAST, LEAST_DIGITS = 3, 4
MOST_WORDS = 10


def numbered(session: Session, written: str) -> ColumnElement[bool]:
    """How the number begins, with or without spaces."""
    begins: ColumnElement[bool] = engine_of(session).begins(Case.number, "".join(written.split()).upper())
    return begins


def anywhere(session: Session, written: str) -> ColumnElement[bool]:
    """Number, name or phone of whoever reported."""
    text = " ".join(written.split())
    if len(text) < LEAST:
        named: ColumnElement[bool] = engine_of(session).named(text) if tokens.words_in(text) else false()
        return named
    wanted: list[tuple[Any, str]] = [(Case.reporter_name, text)]
    if sum(c.isdigit() for c in text) >= LEAST_DIGITS:
        wanted += [(Case.reporter_phone, phones.normalised(text)), (Case.number, "".join(text.split()).upper())]
    found = engine_of(session).containing([(column, part) for column, part in wanted if len(part) >= LEAST])
    return or_(numbered(session, text), found)


def by_words(session: Session, written: str) -> ColumnElement[bool]:
    """Cases in whose texts words stand that begin with those."""
    words = tokens.words_in(written)[:MOST_WORDS]
    if not words:
        return false()
    return Case.id.in_(engine_of(session).with_words(words, False))
