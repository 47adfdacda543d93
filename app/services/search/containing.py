"""Conditions on cases for what is typed into the box above a list: in the number, the name or the phone, wherever it stands
there. Groups of three letters find it on both databases; what is shorter must be a whole word."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_
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
    wanted: dict[Any, list[str]] = {Case.reporter_name: [text], Case.number: [], Case.reporter_phone: []}
    if sum(c.isdigit() for c in text) >= LEAST_DIGITS:
        wanted[Case.reporter_phone].append(phones.normalised(text))
        wanted[Case.number].append("".join(text.split()).upper())
    parts = [(column, part) for column, several in wanted.items() for part in several if len(part) >= LEAST]
    found = [numbered(session, text)]
    if parts:
        found.append(engine_of(session).containing(parts))
    if 0 < len(text) < LEAST:
        found.append(and_(by_words(session, text, whole=True), Case.reporter_name.icontains(text, autoescape=True)))
    return or_(*found)


def by_words(session: Session, written: str, whole: bool = False) -> ColumnElement[bool]:
    """Cases in whose texts all the words stand, or with ``whole`` unset words that begin so."""
    words = tokens.words_in(written)[:MOST_WORDS]
    if not words:
        return false()
    return Case.id.in_(engine_of(session).with_words(words, whole))
