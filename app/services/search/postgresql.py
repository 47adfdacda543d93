"""The word index on PostgreSQL: a tsvector built by our own tokenizer, and pg_trgm for the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, column, func, or_, select, table
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, insert
from sqlalchemy.orm import Session

from app.models import Case
from app.services.search.tables import WORDS, Groups, expression, holds

TEXT = table("search_text", column("case_id"), column("words"), column("found"))
#: pg_trgm's own 0.3 misses a typo in a word of four letters.
THRESHOLD = "0.2"


def stored(session: Session, case_id: int) -> str | None:
    return session.scalar(select(TEXT.c.words).where(TEXT.c.case_id == case_id))


def write(session: Session, case_id: int, words: str, new: bool) -> None:
    found = func.array_to_tsvector(cast(words.split(), ARRAY(Text)))
    statement = insert(TEXT).values(case_id=case_id, words=words, found=found)
    again = {"words": statement.excluded.words, "found": statement.excluded.found}
    session.execute(statement.on_conflict_do_update(index_elements=["case_id"], set_=again))


def write_new(session: Session, texts: Sequence[tuple[int, str]]) -> None:
    """As in ``search_sqlite``."""
    found = func.string_to_array(bindparam("words"), " ")
    statement = insert(TEXT).values(
        case_id=bindparam("pk"), words=bindparam("words"), found=func.array_to_tsvector(found)
    )
    session.execute(statement, [{"pk": pk, "words": words} for pk, words in texts])


def matching(groups: Groups, loose: bool, visible: ColumnElement[bool], limit: int) -> Select[Any]:
    """As in ``search_sqlite``."""
    query = expression(groups, loose, " & ", " | ", "'")
    return (
        select(TEXT.c.case_id, TEXT.c.words)
        .join(Case, Case.id == TEXT.c.case_id)
        .where(TEXT.c.found.op("@@")(cast(query, TSQUERY)), holds(visible))
        .order_by(TEXT.c.case_id.desc())
        .limit(limit)
    )


def alike(session: Session, word: str, limit: int) -> Sequence[str]:
    """As in ``search_sqlite``."""
    session.execute(select(func.set_config("pg_trgm.similarity_threshold", THRESHOLD, True)))
    statement = (
        select(WORDS.c.word)
        .where(WORDS.c.word.op("%")(word))
        .order_by(func.similarity(WORDS.c.word, word).desc(), WORDS.c.word)
        .limit(limit)
    )
    return session.scalars(statement).all()


def with_words(words: Sequence[str], whole: bool) -> Select[Any]:
    """As in ``search_sqlite``."""
    query = " & ".join(f"'{word}'" + ("" if whole else ":*") for word in words)
    return select(TEXT.c.case_id).where(TEXT.c.found.op("@@")(cast(query, TSQUERY)))


def containing(parts: Sequence[tuple[Any, str]]) -> ColumnElement[bool]:
    """As in ``search_sqlite``."""
    return or_(*(func.lower(column).like(f"%{_escaped(part.lower())}%") for column, part in parts))


def named(word: str) -> ColumnElement[bool]:
    """As in ``search_sqlite``. Groups of three letters find a short word with the blanks around it."""
    escaped = _escaped(word.lower())
    around = (escaped, f"{escaped} %", f"% {escaped}", f"% {escaped} %")
    return or_(*(func.lower(Case.reporter_name).like(pattern) for pattern in around))


def begins(column: Any, part: str) -> ColumnElement[bool]:
    """As in ``search_sqlite``."""
    return func.lower(column).like(f"{_escaped(part.lower())}%")


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
