"""The tables of the search index, made by hand in a migration: a full-text table has no model."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Boolean, Column, ColumnElement, Integer, MetaData, Table, Text, case

metadata = MetaData()

#: ``(field, key)`` of each case; ``is_open`` stands in the index, so that similar reports skip what is closed.
KEYS = Table(
    "search_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("is_open", Boolean, primary_key=True),
    Column("case_id", Integer, primary_key=True),
)
#: Every word that stands in some case, for finding what was meant by a misspelt one.
WORDS = Table("search_words", metadata, Column("id", Integer, primary_key=True), Column("word", Text, unique=True))


def holds(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition that is checked row by row. SQLite would rather walk through half of all cases by the index of their
    SOPs than look up the few whose ids are known already."""
    return case((condition, 1), else_=0) == 1


#: Words to look for: for each typed one those that may stand for it. Letters and digits only, so nothing to escape.
Groups = Sequence[Collection[str]]


def expression(groups: Groups, loose: bool, both: str, either: str, quote: str) -> str:
    """The query for a word of each group, or with ``loose`` of all groups but any one, in a full-text language."""
    parts = ["(" + either.join(f"{quote}{word}{quote}" for word in group) + ")" for group in groups]
    if not loose:
        return both.join(parts)
    subsets = ([*parts[:left_out], *parts[left_out + 1 :]] for left_out in range(len(parts)))
    return either.join("(" + both.join(subset) + ")" for subset in subsets)
