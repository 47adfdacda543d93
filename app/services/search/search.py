"""Search over all cases: finds by key and by words, and ranks the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.extensions import db
from app.models import Case, Link
from app.services.core import masking, phones
from app.services.core.access import Actor, visible_cases
from app.services.search import comments, query, tokens
from app.services.search.index import engine_of, index
from app.services.search.query import Weighed
from app.services.search.tables import KEYS, holds
from app.sop import SOPS
from app.workflow.declaration import CONTINUED_AS, Sop

__all__ = ["Hit", "index", "search"]

#: What is typed beyond this is not looked at.
LONGEST_QUERY = 300
#: How many cases are weighed for one query, newest first.
CANDIDATES = 200
#: How many of those are kept that a key alone finds, and how many are looked through for them.
KEYED, MOST_KEYED = 100, 20_000
#: With fewer finds than this a single word may have been misspelt or unfinished; several found together are meant.
FEW = 3
LEAST_TAIL = 3
#: Added to the score when the words are in the reporter's name.
IN_NAME = 0.25
LAST = "\U0010ffff"


@dataclass(frozen=True)
class Hit:
    """One result: a case, and those that it continues. ``exact``: the number of one of them was
    typed."""

    case: Case
    related: list[Any] = field(default_factory=list)
    exact: bool = False


def search(
    actor: Actor, q: str, sop: str | None = None, limit: int = 20, *, discreet: bool = False
) -> list[Hit]:  # fmt: skip
    """What ``actor`` may see and ``q`` can mean, best first, at most ``limit``; nothing for an empty query.

    Understood: numbers (spaced or not, or their last digits), phones in any writing, mail addresses, customer ids,
    waybills, words of names, addresses and descriptions, also misspelt, and words of comments that ``actor`` may read.
    ``sop`` limits to one SOP. Nothing typed is an error. ``discreet``: cases whose personal data ``actor`` gets masked
    are found by their number alone, since a find by a name or a phone would tell whose case it is.
    """
    typed = q[:LONGEST_QUERY]
    wanted = [SOPS[sop]] if sop in SOPS else [] if sop else None
    visible = visible_cases(actor, wanted)
    open_book = visible_cases(actor, _unmasked_for(actor, wanted)) if discreet else visible
    if limit < 1 or not tokens.compact(typed):
        return []
    numbered, found = _by_key(typed, visible, open_book)
    if not found or not tokens.is_identifier(typed):
        said = comments.matching(actor, typed, open_book)
        found = list(dict.fromkeys([*found, *_by_words(typed, open_book), *said]))
    return _as_hits(actor, found, numbered, limit)


def _unmasked_for(actor: Actor, sops: Iterable[Sop] | None) -> list[Sop]:
    """Those whose personal data ``actor`` gets as they are."""
    return [sop for sop in (SOPS.values() if sops is None else sops) if not masking.masked(actor, sop)]


def _by_key(
    typed: str, visible: ColumnElement[bool], open_book: ColumnElement[bool]
) -> tuple[set[int], list[int]]:  # fmt: skip
    """Ids of the cases whose own number was typed, and those found by any key, the best first. ``open_book``: those of
    the ``visible`` that other keys than the number may find."""
    key = tokens.compact(typed)
    if not any(c.isdigit() for c in key) and "@" not in typed:
        return set(), []
    number = and_(KEYS.c.field == tokens.NUMBER, KEYS.c.key == key[::-1])
    others = {key, tokens.compact(phones.normalised(typed))} - {""}
    exact = _keyed(number, visible)
    found = exact or _keyed(and_(KEYS.c.field != tokens.NUMBER, KEYS.c.key.in_(others)), open_book)
    if not exact and key.isdigit() and len(key) >= LEAST_TAIL:
        tail = and_(KEYS.c.field == tokens.NUMBER, KEYS.c.key.between(key[::-1], key[::-1] + LAST))
        found = [*found, *_keyed(tail, visible)]
    return set(exact), found


def _keyed(condition: ColumnElement[bool], visible: ColumnElement[bool]) -> list[int]:
    ids = db.session.scalars(select(KEYS.c.case_id).where(condition).limit(MOST_KEYED))
    return first_seen(sorted(ids, reverse=True), visible, KEYED)


def first_seen(ids: Iterable[int], visible: ColumnElement[bool], limit: int) -> list[int]:
    """The first of these cases that are ``visible``, in their order."""
    found: list[int] = []
    waiting = iter(ids)
    while len(found) < limit and (some := list(islice(waiting, CANDIDATES))):
        seen = set(db.session.scalars(select(Case.id).where(Case.id.in_(some), holds(visible))))
        found += [pk for pk in some if pk in seen]
    return found[:limit]


def _by_words(typed: str, visible: ColumnElement[bool]) -> list[int]:
    """Ids of cases that contain every word; when there are none, or few for a single word, also those with words
    alike."""
    groups = query.typed_groups(typed)
    found = _matching(groups, False, visible)
    best = _ranked(found, groups)
    if len(found) >= FEW or (found and len(groups) > 1):
        return best
    wider = query.widened(db.session(), groups)
    if wider and wider != groups:
        more = _matching(wider, False, visible)
        if not more and not found and len(wider) > 2:
            more = _matching(wider, True, visible)
        best += _ranked({pk: words for pk, words in more.items() if pk not in found}, wider)
    return best


def _matching(groups: Sequence[Weighed], loose: bool, visible: ColumnElement[bool]) -> dict[int, str]:
    """The words of each candidate, by case id."""
    statement = engine_of(db.session()).matching(groups, loose, visible, CANDIDATES)
    return dict(db.session.execute(statement).tuples().all())


def _ranked(found: Mapping[int, str], groups: Sequence[Weighed]) -> list[int]:
    """Ids, best first: what is most alike, then what has it in the reporter's name, then open ones, then the newest."""
    statement = select(Case.id, Case.reporter_name, Case.closed_at).where(Case.id.in_(found))
    scores: dict[int, tuple[float, bool, int]] = {}
    for pk, name, closed_at in db.session.execute(statement):
        likeness = _likeness(groups, found[pk].split()) + IN_NAME * _likeness(groups, tokens.words_in(name))
        scores[pk] = (round(likeness, 3), closed_at is None, pk)
    return sorted(scores, key=scores.__getitem__, reverse=True)


def _likeness(groups: Sequence[Weighed], words: list[str]) -> float:
    """From 0 (none of the groups is met) to 1 (every word stands there as it was typed)."""
    there = set(words)
    return sum(max((group[word] for word in there & group.keys()), default=0.0) for group in groups) / len(groups)


def _as_hits(actor: Actor, found: list[int], numbered: set[int], limit: int) -> list[Hit]:
    """A case and the one that continues it are one result, the one that goes on first."""
    continued = _continued(actor, found[: limit * 2])
    heads = list(dict.fromkeys(continued.get(pk, pk) for pk in found[: limit * 2]))[:limit]
    under: dict[int, list[int]] = {head: [s for s, t in continued.items() if t == head] for head in heads}
    wanted = {*heads, *(pk for sources in under.values() for pk in sources)}
    cases = {c.id: c for c in db.session.scalars(select(Case).where(Case.id.in_(wanted))).unique()}
    return [
        Hit(cases[head], [cases[pk] for pk in sources], not numbered.isdisjoint([head, *sources]))
        for head, sources in under.items()
    ]


def _continued(actor: Actor, ids: list[int]) -> dict[int, int]:
    """Cancelled case -> the one that continues it, as far as ``actor`` sees both."""
    concerned = and_(Link.kind == CONTINUED_AS, or_(Link.source_id.in_(ids), Link.target_id.in_(ids)))
    pairs = dict(db.session.execute(select(Link.source_id, Link.target_id).where(concerned)).tuples().all())
    others = {pk for pair in pairs.items() for pk in pair} - set(ids)
    seen = {*ids}
    if others:
        seen |= set(first_seen(others, visible_cases(actor), len(others)))
    return {source: target for source, target in pairs.items() if {source, target} <= seen}
