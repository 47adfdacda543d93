"""What SOPs get wrong together: the same key, the same numbers, the same table; what one asks of another's cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.workflow import revisions
from app.workflow.checks import shape_of
from app.workflow.declaration import Field, Sop
from app.workflow.document.actions import OpenCase, When
from app.workflow.document.effects import misfit
from app.workflow.document.expressions import TYPES, Expression
from app.workflow.mistakes import N_, Mistake, Mistakes

#: An SOP and what is wrong with it.
Found = tuple[Sop, Mistake]


def together(sops: Sequence[Sop], revised: Callable[[Sop, Sop], bool]) -> list[Found]:
    """What is wrong with SOPs of which each alone is right; of two that clash it is the later. ``revised``: whether two
    of one key are revisions of one SOP, rather than two SOPs."""
    by_key: dict[str, list[Sop]] = {}
    found: list[Found] = []
    for sop in sops:
        found += [(sop, mistake) for mistake in _clashes(sop, by_key, revised)]
        by_key.setdefault(sop.key, []).append(sop)
    newest = {key: max(several, key=lambda one: one.revision) for key, several in by_key.items()}
    for sop in sops:
        mistakes = Mistakes()
        _references(sop, newest, mistakes)
        _opened(sop, newest, mistakes)
        found += [(sop, mistake) for mistake in mistakes]
    return found


def left_out(sops: Iterable[Sop], gone: Iterable[str]) -> list[Found]:
    """The SOPs that can't run without one that is ``gone``."""
    return [
        (sop, Mistake("", N_("names the SOP “%(key)s”, which is wrong itself"), {"key": key}))
        for sop in sops
        for key in gone
        if key in {field.reference for _at, field in _fields(sop)} | {case.sop for _at, case in _openings(sop)}
    ]


def _clashes(sop: Sop, before: Mapping[str, list[Sop]], revised: Callable[[Sop, Sop], bool]) -> Mistakes:
    earlier = before.get(sop.key, [])
    mistakes = Mistakes()
    if not all(revised(sop, other) for other in earlier):
        mistakes.add("key", N_("“%(key)s” is the key of another SOP"), key=sop.key)
        return mistakes
    mistakes.extend(revisions.mistakes([*earlier, sop]))
    for other in (other for key, several in before.items() if key != sop.key for other in several):
        if _same_numbers(shape_of(sop.number), shape_of(other.number)):
            mistakes.add("number", N_("“%(sop)s” gives the same numbers"), sop=other.key)
        if _tables(sop) & _tables(other):
            mistakes.add("key", N_("its tables would be called as those of “%(sop)s”"), sop=other.key)
    return mistakes


def _same_numbers(one: str, other: str) -> bool:
    """Whether a number can have both shapes; ``#`` is any digit."""
    pairs = zip(one, other, strict=False)
    alike = (a == b or (a == "#" and b.isdigit()) or (b == "#" and a.isdigit()) for a, b in pairs)
    return len(one) == len(other) and all(alike)


def _tables(sop: Sop) -> set[str]:
    return {sop.key, *(f"{sop.key}_{records.key}" for records in sop.records)}


def _fields(sop: Sop) -> Iterator[tuple[str, Field]]:
    """Every field with its place, also those that are only in the history, and the columns of rows."""
    yield from ((f"fields.{key}", field) for key, field in sop.fields.items())
    yield from ((f"fields.{f.key}", f) for step in sop.transitions for f in step.fields if not f.stored)
    yield from ((f"records.{r.key}.fields.{column.key}", column) for r in sop.records for column in r.columns)


def _references(sop: Sop, sops: Mapping[str, Sop], mistakes: Mistakes) -> None:
    for at, field in _fields(sop):
        other = sops.get(field.reference or "")
        if other is None:
            continue
        place = f"{at}.reference"
        if mistakes.told_in(place):
            continue
        if not other.offered_with:
            mistakes.add(place, N_("the SOP “%(key)s” offers no cases (offered_with)"), key=other.key)
        elif field.stored and not at.startswith("records.") and sop.key in _referred(other.key, sops):
            mistakes.add(place, N_("refers in a circle: “%(key)s” refers to this SOP"), key=other.key)


def _referred(key: str, sops: Mapping[str, Sop]) -> set[str]:
    """The SOPs to which one refers by what it stores, at first or at second hand, and itself."""
    seen: set[str] = set()
    ahead = [key]
    while ahead:
        one = ahead.pop()
        if one not in seen and one in sops:
            seen.add(one)
            ahead += [field.reference or "" for at, field in _fields(sops[one]) if field.stored]
    return seen


def _openings(sop: Sop) -> Iterator[tuple[str, OpenCase]]:
    """The actions that open a case of another SOP, each with its place."""
    for step in sop.transitions:
        for nth, effect in enumerate(step.effects):
            inner: Any = effect.action if isinstance(effect, When) else effect
            if isinstance(inner, OpenCase):
                yield f"steps.{step.key}.does[{nth}]", inner


def _opened(sop: Sop, sops: Mapping[str, Sop], mistakes: Mistakes) -> None:
    for at, opening in _openings(sop):
        other = sops.get(opening.sop)
        for key, value in opening.values if other else ():
            _given(other, key, value, at, mistakes)


def _given(other: Sop | None, key: str, value: Expression, at: str, mistakes: Mistakes) -> None:
    """Whether the other SOP has the field, and the field takes the value."""
    field = other.fields.get(key) if other else None
    if field is None:
        mistakes.add(at, N_("the SOP “%(sop)s” has no field “%(field)s”"), sop=other.key if other else "", field=key)
    elif value.type not in (TYPES[field.kind.storage], "null"):
        mistakes.add(f"{at}.with.{key}", N_("gives a %(found)s, but a %(wanted)s is needed"), found=value.type,
                     wanted=TYPES[field.kind.storage])  # fmt: skip
    else:
        misfit(field, value, f"{at}.with.{key}", mistakes)
