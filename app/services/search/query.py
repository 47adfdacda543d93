"""Interprets a search query: numbers with spaces, unfinished and misspelt words."""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.core import phones
from app.services.search import tokens
from app.services.search.index import engine_of, is_word
from app.services.search.tables import WORDS
from app.sop import SOPS

#: Words that may stand for one that was typed, each with its likeness from 0 to 1.
Weighed = dict[str, float]
#: Words beyond that many are not looked at.
MOST_WORDS = 10
#: How many words are compared letter by letter with a typed one, and how many of them may stand for it.
COMPARED, MOST_ALTERNATIVES = 60, 8
#: From this length on two letters may be wrong, below it one.
TWO_TYPOS = 6
UNFINISHED, RUN_TOGETHER = 0.9, 0.8
SHORTEST_PART = 3
LAST = "\U0010ffff"
#: The letters with which case numbers begin: a number is understood however it is spaced.
PREFIXES = "|".join(
    sorted({m[0] for sop in SOPS.values() for one in sop.revisions if (m := re.match(r"[a-z]+", one.number.lower()))})
)
SPACED_NUMBER = re.compile(rf"(?<![^\W_])(?:(?:{PREFIXES})[\s.-]*|\+)?\d(?:[\s().-]*\d){{7,}}")


def typed_groups(typed: str) -> list[Weighed]:
    """A group for each word, as typed; a number or phone with spaces in it is one word."""
    groups: list[Weighed] = []

    def taken(match: re.Match[str]) -> str:
        key = tokens.compact(match[0])
        both = {key: 1.0}
        if key.isdigit():
            both[tokens.compact(phones.normalised(match[0]))] = 1.0
        groups.append(both)
        return " "

    rest = SPACED_NUMBER.sub(taken, tokens.folded(typed))
    groups += [{word: 1.0} for word in dict.fromkeys(tokens.words_in(rest))]
    return groups[:MOST_WORDS]


def widened(session: Session, groups: list[Weighed]) -> list[Weighed]:
    """The groups with what else may be meant; a word that nothing is known of falls away."""
    words = [next(iter(group)) for group in groups]
    wide: list[Weighed] = []
    for i, (group, word) in enumerate(zip(groups, words, strict=True)):
        if not is_word(word):
            wide.append(group)
            continue
        neighbours = {near: RUN_TOGETHER for near in _run_together(words, i) if _known(session, {near})}
        wider = _unfinished(session, word) | neighbours | _misspelt(session, word) | group
        if len(wider) > 1 or _known(session, {word}):
            wide.append(wider)
        else:
            wide += _parts(session, word)
    return wide


def _unfinished(session: Session, word: str) -> Weighed:
    """Words that begin with it, the shortest of them."""
    statement = (
        select(WORDS.c.word)
        .where(WORDS.c.word > word, WORDS.c.word < word + LAST)
        .order_by(func.length(WORDS.c.word), WORDS.c.word)
        .limit(MOST_ALTERNATIVES)
    )
    return dict.fromkeys(session.scalars(statement), UNFINISHED)


def _misspelt(session: Session, word: str) -> Weighed:
    """Words that differ by a letter or two: wrong, missing, too many, or two in the wrong order."""
    typos = 2 if len(word) >= TWO_TYPOS else 1
    near = {other: OSA.distance(word, other) for other in engine_of(session).alike(session, word, COMPARED)}
    best = sorted((distance, other) for other, distance in near.items() if distance <= typos)
    return {other: 1 - distance / (len(word) + 1) for distance, other in best[:MOST_ALTERNATIVES]}


def _run_together(words: list[str], i: int) -> set[str]:
    """``truno joyo`` for ``trunojoyo``: with the word before, and with the one after."""
    pairs = [(i - 1, i), (i, i + 1)]
    return {words[a] + words[b] for a, b in pairs if a >= 0 and b < len(words)}


def _parts(session: Session, word: str) -> list[Weighed]:
    """``trunojoyo`` for ``truno joyo``: the two known words it is made of, if it is."""
    cuts = [(word[:i], word[i:]) for i in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)]
    known = _known(session, {part for cut in cuts for part in cut})
    found = next((cut for cut in cuts if known.issuperset(cut)), ())
    return [{part: RUN_TOGETHER} for part in found]


def _known(session: Session, words: set[str]) -> set[str]:
    return set(session.scalars(select(WORDS.c.word).where(WORDS.c.word.in_(words))))
