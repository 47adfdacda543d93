"""Validates declarations at import."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from app.workflow.declaration import FIELD_TYPES, Field, Sop, Transition
from app.workflow.kinds import KINDS

KEY = re.compile(r"^[a-z][a-z0-9_]*$")
#: Names that every case has by itself, so no field may take them.
RESERVED = frozenset(
    {
        "assignee", "assignee_id", "changed_at", "closed_at", "created_at", "documents",
        "due_at", "events", "claimed_by", "claimed_by_id", "id", "label", "links", "note",
        "number", "reporter_name", "reporter_phone", "revision", "round", "sop", "state",
        "state_since", "title", "unit", "unit_id", "version",
    }
)  # fmt: skip


class WrongDeclaration(ValueError):
    """An SOP's declaration is invalid; the message lists every mistake."""


def check(sop: Sop) -> Sop:
    """Returns ``sop`` unchanged, or raises ``WrongDeclaration`` with all that is wrong with it."""
    mistakes = [*_keys(sop), *_references(sop), *_fields(sop), *_graph(sop)]
    if mistakes:
        raise WrongDeclaration(f"{sop.key}: " + "; ".join(mistakes))
    return sop


def _keys(sop: Sop) -> Iterator[str]:
    groups = {
        "state": [s.key for s in sop.states],
        "transition": [t.key for t in sop.transitions],
        "document": [d.key for d in sop.documents],
        "records": [r.key for r in sop.records],
    }
    for kind, keys in groups.items():
        for key in keys:
            if not KEY.match(key):
                yield f"{kind} key {key!r} is not snake_case"
            if keys.count(key) > 1:
                yield f"{kind} {key!r} is declared twice"
    if sum(t.creates for t in sop.transitions) != 1:
        yield "exactly one transition must create the case"


def _references(sop: Sop) -> Iterator[str]:
    for transition in sop.transitions:
        yield from _transition(sop, transition)
    named = {r for t in sop.transitions for r in t.by} | set(sop.retention_officers)
    for role in set(sop.roles) - named:
        yield f"role {role!r} takes no part"
    confidential = {r for d in sop.documents for r in d.confidential_to}
    for role in (confidential | {*sop.unit_roles, *sop.overseers, *sop.masked_for}) - set(sop.roles):
        yield f"unknown role {role!r}"


def _transition(sop: Sop, transition: Transition) -> Iterator[str]:
    where = f"transition {transition.key!r}"
    named: dict[str, tuple[Iterable[str], Container[str]]] = {
        "state": ({*transition.source, *transition.targets}, sop.state_by_key),
        "document": (transition.accepts, sop.document_by_key),
        "transition": (transition.four_eyes, sop.transition_by_key),
        "role": (transition.by, sop.roles),
    }
    for kind, (keys, known) in named.items():
        for key in keys:
            if key not in known:
                yield f"{where} names unknown {kind} {key!r}"
    if transition.records and transition.records not in sop.records_by_key:
        yield f"{where} writes unknown records {transition.records!r}"
    if transition.branches and transition.choose is None:
        yield f"{where} does not say which branch it takes"


def _fields(sop: Sop) -> Iterator[str]:
    kinds: dict[str, str] = {}
    for transition in sop.transitions:
        for field in transition.fields:
            where = f"field {field.key!r} of {transition.key!r}"
            yield from (f"{where} {mistake}" for mistake in _field(sop, field))
            kind = field.format or field.type
            if field.key in sop.fields and kinds.setdefault(field.key, kind) != kind:
                yield f"{where} is declared with two types"
    yield from _records(sop)
    yield from _deadlines(sop)
    yield from _named_fields(sop)


def _field(sop: Sop, field: Field) -> Iterator[str]:
    if field.type not in FIELD_TYPES:
        yield f"has unknown type {field.type!r}"
    elif field.format and (field.format not in KINDS or field.kind.type != field.type):
        yield f"has a format {field.format!r} that its type does not know"
    if field.type == "choice" and not field.choices:
        yield "offers no choices"
    if field.type == "reference" and not field.reference:
        yield "refers to nothing"
    if field.type == "list" and not (field.choices or field.columns):
        yield "is a list of nothing"
    if field.is_rows and field.key not in sop.records_by_key:
        yield "writes unknown records"
    if field.key in sop.fields and (field.key in RESERVED or not KEY.match(field.key)):
        yield "has a key that is taken or not snake_case"


def _records(sop: Sop) -> Iterator[str]:
    for records in sop.records:
        for key in {records.calendar, records.counted} - {None, *(column.key for column in records.columns)}:
            yield f"records {records.key!r} have no column {key!r}"


def _deadlines(sop: Sop) -> Iterator[str]:
    for deadline in sop.deadlines:
        if (deadline.due is None) is (not deadline.limits):
            yield f"deadline {deadline.key!r} needs either a day or limits"
        if deadline.kept_in is not None and deadline.kept_in not in sop.fields:
            yield f"deadline {deadline.key!r} is kept in unknown field {deadline.kept_in!r}"
        for state in set(deadline.states) - set(sop.state_by_key):
            yield f"deadline {deadline.key!r} names unknown state {state!r}"


def _named_fields(sop: Sop) -> Iterator[str]:
    columns = {f"{r.key}.{c.key}" for r in sop.records for c in r.columns}
    for key in set(sop.personal) - set(sop.fields) - columns:
        yield f"unknown personal field {key!r}"
    known = set(sop.fields) | RESERVED | {f"{r.key}_count" for r in sop.records}
    named = {c.key for c in sop.columns} | set(sop.similar) | set(sop.reporter or ())
    for key in (named | {sop.offered_with or sop.subject}) - known:
        yield f"unknown field {key!r}"


def _graph(sop: Sop) -> Iterator[str]:
    edges = {s.key: set[str]() for s in sop.states}
    start: set[str] = set()
    for transition in sop.transitions:
        start |= transition.targets if transition.creates else set()
        for source in set(transition.source) & set(edges):
            edges[source] |= transition.possible_targets(source) & set(edges)
    for state in set(edges) - _reachable(start & set(edges), edges):
        yield f"state {state!r} can't be reached"
    for start_state in sop.open_states:
        if not any(sop.state_by_key[state].is_final for state in _reachable({start_state}, edges)):
            yield f"from state {start_state!r} no final state can be reached"


def _reachable(start: set[str], edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        state = ahead.pop()
        if state not in seen:
            seen.add(state)
            ahead.extend(edges[state])
    return seen
