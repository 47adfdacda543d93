"""Keeps the search index in step with the cases; written in the transaction that changes the case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import delete, insert, select, true, tuple_
from sqlalchemy.orm import Session

from app.models import Case, Event
from app.services.core.database import write_transaction
from app.services.search import postgresql, sqlite, tokens
from app.services.search.tables import KEYS, WORDS
from app.sop import SOPS, sop_of
from app.workflow.declaration import Sop

#: Words shorter or longer are not corrected.
VOCABULARY = range(3, 31)
BATCH = 500


def engine_of(session: Session) -> ModuleType:
    """The word index of the database in use."""
    return postgresql if session.get_bind().dialect.name == "postgresql" else sqlite


def index(session: Session, case: Case) -> None:
    """Brings the index up to date with a case that has its id; nothing is written when nothing has changed."""
    sop = sop_of(case)
    _write_keys(session, case.id, case.closed_at is None, tokens.keys_of(sop, case))
    words = tokens.words_of(sop, case, _earlier(session, sop, case))
    engine = engine_of(session)
    before = engine.stored(session, case.id)
    if before == " ".join(words):
        return
    engine.write(session, case.id, " ".join(words), before is None)
    old = set((before or "").split())
    _learn(session, set(words) - old)
    _forget(session, old - set(words))


def is_indexed(case: Case) -> tuple[Any, ...]:
    """All of a case that the index is made of: while it stays the same, so does the index."""
    fields = tokens.readable(sop_of(case))
    return case.number, case.closed_at is None, case.round, *(getattr(case, field.key) for field in fields)


def begin(session: Session, case: Case) -> None:
    """``index`` for a case that has just been written for the first time: there is nothing yet to compare with."""
    sop = sop_of(case)
    _add_keys(session, case.id, {(f, k, case.closed_at is None) for f, k in tokens.keys_of(sop, case)})
    words = tokens.words_of(sop, case)
    engine_of(session).write(session, case.id, " ".join(words), True)
    _learn(session, words)


def index_new(session: Session, cases: Sequence[Case], known: set[str]) -> int:
    """The same for many cases at once that are not indexed yet; returns how many rows that made. ``known``: words that
    are in the vocabulary for sure; those of the cases are added to it."""
    keys, texts, new = [], [], set[str]()
    for case in cases:
        sop, is_open = sop_of(case), case.closed_at is None
        found = sorted(tokens.keys_of(sop, case))
        keys += [{"field": f, "key": k, "is_open": is_open, "case_id": case.id} for f, k in found]
        words = tokens.words_of(sop, case)
        texts.append((case.id, " ".join(words)))
        new.update(words)
    if not texts:
        return 0
    session.execute(insert(KEYS), keys)
    engine_of(session).write_new(session, texts)
    _learn(session, new - known)
    known |= new
    return len(keys) + len(texts)


def reindex() -> Iterator[int]:
    """Indexes every case anew, after a change of what the declarations let be found; yields how many are done. Those of
    an SOP that does not run here stay as they are."""
    done = last = 0
    while True:
        with write_transaction() as session:
            wanted = select(Case).where(Case.id > last, Case.sop.in_(SOPS)).order_by(Case.id).limit(BATCH)
            cases = session.scalars(wanted).unique().all()
            for case in cases:
                index(session, case)
                last = case.id
        if not cases:
            return
        done += len(cases)
        yield done


def _earlier(session: Session, sop: Sop, case: Case) -> list[dict[str, Any]]:
    """What the earlier rounds of a case answered that the present one answers anew."""
    if case.round < 2 or not sop.round_fields:
        return []
    before = select(Event.changes).where(Event.case_id == case.id, Event.round < case.round)
    changes = [kept or {} for kept in session.scalars(before)]
    return [{key: kept[key][1] for key in sop.round_fields if key in kept} for kept in changes]


def is_word(word: str) -> bool:
    """Whether it may be misspelt, rather than a number or an abbreviation."""
    return len(word) in VOCABULARY and word.isalpha()


def _write_keys(session: Session, case_id: int, is_open: bool, keys: set[tuple[str, str]]) -> None:
    rows = session.execute(select(KEYS.c.field, KEYS.c.key, KEYS.c.is_open).where(KEYS.c.case_id == case_id))
    there = set(rows.tuples())
    wanted = {(field, key, is_open) for field, key in keys}
    if gone := there - wanted:
        columns = tuple_(KEYS.c.field, KEYS.c.key, KEYS.c.is_open)
        session.execute(delete(KEYS).where(KEYS.c.case_id == case_id, columns.in_(gone)))
    _add_keys(session, case_id, wanted - there)


def _add_keys(session: Session, case_id: int, keys: set[tuple[str, str, bool]]) -> None:
    if keys:
        values = [{"field": f, "key": k, "is_open": o, "case_id": case_id} for f, k, o in sorted(keys)]
        session.execute(insert(KEYS), values)


def _learn(session: Session, words: Collection[str]) -> None:
    """Adds to the vocabulary, in one order, so that two transactions wait for each other in one direction only."""
    new = {word for word in words if is_word(word)}
    if new:
        new -= set(session.scalars(select(WORDS.c.word).where(WORDS.c.word.in_(new))))
    if new:
        added = engine_of(session).insert(WORDS).on_conflict_do_nothing()
        session.execute(added, [{"word": word} for word in sorted(new)])


def _forget(session: Session, words: Collection[str]) -> None:
    """Removes from the vocabulary the words of no remaining case, so that a purged name leaves no trace."""
    engine = engine_of(session)
    for word in sorted(filter(is_word, words)):
        if session.execute(engine.matching([[word]], False, true(), 1)).first() is None:
            session.execute(delete(WORDS).where(WORDS.c.word == word))
