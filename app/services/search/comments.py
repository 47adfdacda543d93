"""Finds cases by what people have said on them. Beside the index of the cases, since each comment has readers of its
own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.models import Case, Comment
from app.services.core.access import Actor, may_read
from app.services.search import tokens
from app.services.search.tables import holds

#: Words beyond that many are not looked at.
MOST_WORDS = 10
#: From this length on the beginning of a word finds it.
LEAST_BEGINNING = 3
#: How many comments are looked through, newest first, and how many cases are found by them.
MOST_COMMENTS, MOST_CASES = 2_000, 50


def words_of(text: str) -> str:
    """The words of a comment as they are stored: each once, between blanks."""
    return f" {' '.join(dict.fromkeys(tokens.words_in(text)))} "


def matching(actor: Actor, typed: str, visible: ColumnElement[bool]) -> list[int]:
    """Ids of the ``visible`` cases with a comment that ``actor`` may read and that has every word typed, newest
    first."""
    words = tokens.words_in(typed)[:MOST_WORDS]
    if not words:
        return []
    found = db.session.scalars(
        select(Comment)
        .join(Case, Case.id == Comment.case_id)
        # Words are letters and digits alone, so there is nothing to escape.
        .where(*(Comment.words.like(f"% {_beginning(word)} %") for word in words), holds(visible))
        .order_by(Comment.id.desc())
        .limit(MOST_COMMENTS)
    )
    return list(islice(_cases(actor, found), MOST_CASES))


def _beginning(word: str) -> str:
    return f"{word}%" if len(word) >= LEAST_BEGINNING else word


def _cases(actor: Actor, found: Iterator[Comment]) -> Iterator[int]:
    yield from dict.fromkeys(comment.case_id for comment in found if may_read(actor, comment))
