"""The word index on SQLite: FTS5, with case ids as row ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, delete, literal_column, select, table
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from app.models import Case
from app.services.search import tokens
from app.services.search.tables import WORDS, Groups, expression, holds

TEXT = table("search_text", column("rowid"), column("words"))
GRAMS = table("search_grams", column("rowid"), column("word"))
#: The number, name and phone of each case, by groups of three letters; triggers on the cases keep it.
CASES = table("search_grams_of_cases", column("rowid"))
#: In how many words of the vocabulary each group of three letters stands.
COUNTS = table("search_gram_counts", column("term"), column("doc"))
#: A slip of the finger spoils three groups of a word at most, so that with four of them one is whole; beyond that,
#: groups are taken as long as no more words than this have to be weighed.
LEAST_GRAMS, WEIGHED = 4, 4_000
LAST = "\U0010ffff"


def stored(session: Session, case_id: int) -> str | None:
    return session.scalar(select(TEXT.c.words).where(TEXT.c.rowid == case_id))


def write(session: Session, case_id: int, words: str, new: bool) -> None:
    if not new:
        session.execute(delete(TEXT).where(TEXT.c.rowid == case_id))
    session.execute(insert(TEXT).values(rowid=case_id, words=words))


def write_new(session: Session, texts: Sequence[tuple[int, str]]) -> None:
    """The words of many cases of which none stands in the index yet, by case id."""
    session.execute(insert(TEXT), [{"rowid": pk, "words": words} for pk, words in texts])


def matching(groups: Groups, loose: bool, visible: ColumnElement[bool], limit: int) -> Select[Any]:
    """``(case id, words)``, newest first, of cases that hold a word of each group; ``loose``: of all groups but one.

    FTS5 hands out rows by id backwards as it finds them, so a common word costs no more than a rare one.
    """
    query = expression(groups, loose, " AND ", " OR ", '"')
    return (
        select(TEXT.c.rowid, TEXT.c.words)
        .join(Case, Case.id == TEXT.c.rowid)
        .where(literal_column("search_text").op("MATCH")(query), holds(visible))
        .order_by(TEXT.c.rowid.desc())
        .limit(limit)
    )


def alike(session: Session, word: str, limit: int) -> Sequence[str]:
    """Words that share the most telling groups of three letters with ``word``."""
    padded = f"  {word} "
    telling = _telling(session, {padded[i : i + 3] for i in range(len(padded) - 2)})
    query = " OR ".join(f'"{gram}"' for gram in telling)
    near = (
        select(GRAMS.c.rowid)
        .where(literal_column("search_grams").op("MATCH")(query))
        .order_by(literal_column("rank"))
        .limit(limit)
    )
    return session.scalars(select(WORDS.c.word).where(WORDS.c.id.in_(near))).all()


def _telling(session: Session, grams: Collection[str]) -> list[str]:
    """The rarest groups: to weigh every word that begins with the same letter would take longer than all the rest."""
    counts = dict(session.execute(select(COUNTS.c.term, COUNTS.c.doc).where(COUNTS.c.term.in_(grams))).tuples().all())
    rarest = sorted(grams, key=lambda gram: (counts.get(gram, 0), gram))
    weighed = accumulate(counts.get(gram, 0) for gram in rarest)
    return [
        gram for at, (gram, sum_) in enumerate(zip(rarest, weighed, strict=True)) if at < LEAST_GRAMS or sum_ < WEIGHED
    ]


def with_words(words: Sequence[str], whole: bool) -> Select[Any]:
    """The ids of cases with all these words, or with ``whole`` unset with words that begin so."""
    query = " AND ".join(f'"{word}"' + ("" if whole else "*") for word in words)
    return select(TEXT.c.rowid).where(literal_column("search_text").op("MATCH")(query))


def containing(parts: Sequence[tuple[Any, str]]) -> ColumnElement[bool]:
    """Cases in one of these columns of which the text beside it stands, whatever its capitals; of three letters at
    least."""
    quoted = ((column.key, part.replace('"', '""')) for column, part in parts)
    query = " OR ".join(f'{{{key}}} : "{part}"' for key, part in quoted)
    return Case.id.in_(select(CASES.c.rowid).where(literal_column("search_grams_of_cases").op("MATCH")(query)))


def named(word: str) -> ColumnElement[bool]:
    """Cases in whose reporter's name a word stands, however short."""
    found = with_words(tokens.words_in(word), True)
    return and_(Case.id.in_(found), Case.reporter_name.icontains(word, autoescape=True))


def begins(column: Any, part: str) -> ColumnElement[bool]:
    """Cases whose column begins so, in capitals."""
    return and_(column >= part, column < part + LAST)
