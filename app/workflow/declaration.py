"""The words in which an SOP is declared: change here what a declaration can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal, Protocol

#: A text shown to people: a plain string or a lazy translation of one.
Text = Any
#: A case as the SOP sees it. Its columns follow from the declaration, so no static type knows them.
Case = Any

FieldType = Literal[
    "text", "longtext", "integer", "money", "date", "datetime", "boolean", "choice", "reference", "list"
]
FIELD_TYPES: frozenset[str] = frozenset(FieldType.__args__)  # type: ignore[attr-defined]
StateKind = Literal["open", "waiting", "final"]
NoteRule = Literal["required", "optional", "none"]


@dataclass(frozen=True)
class Choice:
    """One of the answers that a field of type ``choice`` (or ``list``) offers."""

    key: str
    label: Text


@dataclass(frozen=True)
class Field:
    """What a form asks and a case keeps.

    ``required`` says that the transition can't be done without it; a required boolean is a tick that must be set.
    ``reference`` names a table of master data (see ``models/master.py``); ``choices`` the fixed answers.
    A ``list`` with ``choices`` takes several of them; a ``list`` with ``columns`` takes rows.
    ``minimum`` is the least number allowed (money is in whole rupiah). What is not ``stored`` stands in the history
    alone, for the transition's effects to use. ``needed`` narrows ``required`` to some cases or answers (``documents``
    among the answers are the types that are there or come with the form). ``format`` of an integer may be
    ``position``: seconds into a recording, written mm:ss.
    """

    key: str
    label: Text
    type: FieldType = "text"
    required: bool = False
    choices: tuple[Choice, ...] = ()
    reference: str | None = None
    columns: tuple[Field, ...] = ()
    format: Literal["", "phone", "email", "position"] = ""
    help: Text = ""
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    stored: bool = True
    needed: Callable[[Case | None, Mapping[str, Any]], bool] | None = None

    def is_required(self, case: Case | None, values: Mapping[str, Any]) -> bool:
        """Whether an answer must be given on this case (None: not yet created) with these other answers."""
        return self.required and (self.needed is None or self.needed(case, values))

    @property
    def is_rows(self) -> bool:
        return self.type == "list" and bool(self.columns)


def required(asked: Field, **changes: Any) -> Field:
    """The same field, but a transition can't be done without it."""
    return replace(asked, required=True, **changes)


@dataclass(frozen=True)
class State:
    """A station of a case. ``waiting`` is an open state in which somebody outside is to act."""

    key: str
    label: Text
    colour: Literal["grey", "blue", "amber", "violet", "teal", "green", "red"] = "blue"
    kind: StateKind = "open"

    @property
    def is_final(self) -> bool:
        return self.kind == "final"


@dataclass(frozen=True)
class Document:
    """A kind of document. Versions and rounds come by themselves.

    ``accept``: content types, as sniffed from the bytes. ``confidential_to``: the roles that may open it before it is
    released (empty: everyone who sees the case). ``retention``: years it is kept after the case has closed (None: the
    policy's default). ``max_bytes``: largest file, None for the deployment's limit.
    """

    key: str
    label: Text
    accept: tuple[str, ...]
    confidential_to: tuple[str, ...] = ()
    retention: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True)
class Requirement:
    """At least one of these documents; ``fresh`` ones must have come since the case entered its present state.

    ``when`` limits the requirement to some cases (None for the case means: not yet created).
    """

    any_of: tuple[str, ...]
    required: bool = True
    fresh: bool = False
    when: Callable[[Case | None], bool] | None = None

    def applies(self, case: Case | None) -> bool:
        return self.when is None or self.when(case)


def need(*any_of: str, fresh: bool = False, when: Callable[[Case | None], bool] | None = None) -> Requirement:
    return Requirement(any_of, True, fresh, when)


def may(*any_of: str, when: Callable[[Case | None], bool] | None = None) -> Requirement:
    return Requirement(any_of, False, False, when)


@dataclass(frozen=True)
class Guard:
    """A condition that speaks: ``sentence`` is what the user reads while ``holds`` is false."""

    key: str
    holds: Callable[[Facts], bool]
    sentence: Callable[[Facts], Text]


@dataclass(frozen=True)
class Facts:
    """Everything that a decision rests on, gathered by the service that asks.

    ``attached``: document types present in the case's current round; ``fresh``: those added since the case entered
    its present state; ``requested``: types that a revision asks for again. ``last``: per transition, when it was last
    done in this round and by which user id; ``done``: everything that was done in it, by transition and user id.
    ``counts``: rows per kind of record. Times are aware and in the deployment's zone.
    """

    user_id: int | None
    roles: frozenset[str]
    now: datetime
    case: Case | None = None
    state: str | None = None
    attached: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    requested: frozenset[str] = frozenset()
    last: Mapping[str, tuple[datetime, int | None]] = field(default_factory=dict)
    done: frozenset[tuple[str, int | None]] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


class Work(Protocol):
    """What an effect may do beside changing its case; handed in by the service that runs the transition."""

    actor_id: int | None
    actor_name: str
    now: datetime
    values: Mapping[str, Any]
    note: str

    def open_case(self, sop: str, values: Mapping[str, Any], *, code: str | None = None) -> Case: ...
    def link(self, kind: str, source: Case, target: Case) -> None: ...
    def release(self, document: str) -> None: ...
    def row(self, reference: str, code: str) -> Any: ...
    def mail(self, to: str, subject: Text, text: Text, documents: tuple[str, ...] = ()) -> None: ...
    def working_days_after(self, day: date, count: int) -> date: ...
    def attach_form(self, form: str, documents: Mapping[str, str]) -> None: ...
    def seconds_of(self, document: str) -> int | None: ...


Effect = Callable[[Case, Work], None]


@dataclass(frozen=True)
class Transition:
    """A step. No ``source`` creates the case; no ``target`` stays where it is.

    ``by``: the roles that may do it; none means nobody. ``four_eyes``: whoever did one of these transitions in the
    present round may not do this one. ``branches``: other states in which it may end; ``choose`` says in which of them,
    or in ``target``, from the case before the step and the answers. ``aside``: possible, but not what the state waits
    for, so it puts the case on nobody's worklist. ``records``: the kind of record that the fields of the same keys
    write a row of. ``beside``: a template in ``templates/sections/`` shown beside the form.
    """

    key: str
    label: Text
    source: tuple[str, ...] = ()
    target: str | None = None
    by: tuple[str, ...] = ()
    documents: tuple[Requirement, ...] = ()
    fields: tuple[Field, ...] = ()
    note: NoteRule = "optional"
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    after: tuple[Effect, ...] = ()
    four_eyes: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    choose: Callable[[Case, Mapping[str, Any]], str] | None = None
    records: str | None = None
    beside: str | None = None
    aside: bool = False
    style: Literal["default", "primary", "danger"] = "primary"
    help: Text = ""

    @property
    def creates(self) -> bool:
        return not self.source

    def target_from(self, state: str | None) -> str | None:
        """The state in which this transition ends as a rule, from ``state``."""
        return self.target or state

    def ends(self, state: str | None) -> frozenset[str]:
        """Every state in which this transition can end, from ``state``."""
        return frozenset(s for s in (self.target_from(state), *self.branches) if s is not None)

    def lands(self, case: Case, values: Mapping[str, Any]) -> str:
        """The state in which it ends on this case with these answers."""
        return self.choose(case, values) if self.choose else (self.target or str(case.state))

    @property
    def targets(self) -> frozenset[str]:
        """The states that it names as its ends."""
        return frozenset(s for s in (self.target, *self.branches) if s is not None)

    def field(self, key: str) -> Field | None:
        return next((f for f in self.fields if f.key == key), None)

    @property
    def accepts(self) -> tuple[str, ...]:
        """Document types that can be handed in with this transition, in order of declaration."""
        return tuple(dict.fromkeys(key for requirement in self.documents for key in requirement.any_of))


@dataclass(frozen=True)
class Records:
    """What belongs to a case in rows (hearings, repeat contacts, …), with its columns.

    ``calendar``: the column with the date of what comes next; the newest row's stands in the calendar list while the
    case is in one of ``calendar_states`` (none: any open one). ``replaced``: rows handed in replace those before.
    ``counted``: only rows with an answer in this column count (none: all), such as attempts among appointments.
    """

    key: str
    label: Text
    columns: tuple[Field, ...]
    calendar: str | None = None
    calendar_states: tuple[str, ...] = ()
    replaced: bool = False
    counted: str | None = None

    def count(self, rows: Iterable[Any]) -> int:
        return sum(self.counted is None or getattr(row, self.counted) is not None for row in rows)


@dataclass(frozen=True)
class Section:
    """A part of the case page that is truly an SOP's own: a template in ``templates/sections/``."""

    key: str
    template: str


@dataclass(frozen=True)
class Guide:
    """A heading of a public page, what stands under it, and how long it takes (nothing: no promise).
    ``contact_setting``: the setting that says where to go, a number or an address."""

    heading: Text
    lines: tuple[Text, ...]
    limit: Text = ""
    contact_setting: str | None = None


@dataclass(frozen=True)
class PublicPage:
    """What people who are not signed in are told: how to report, way by way. Below it they look up the status of their
    own report by its number and their phone."""

    title: Text
    introduction: Text
    guides: tuple[Guide, ...]


@dataclass(frozen=True)
class Column:
    """A column of the list: a field's key or one of the case's own columns; ``label`` when the trade says otherwise."""

    key: str
    label: Text = None


@dataclass(frozen=True)
class Deadline:
    """A date by which something is to be done while the case is in one of ``states`` (none: every open state)."""

    key: str
    label: Text
    due: Callable[[Case], date | datetime | None]
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hint:
    """A sentence on the case page for the people of some roles (none: everyone) while ``when`` holds."""

    key: str
    when: Callable[[Case], bool]
    sentence: Text
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """A figure by which the procedure is judged, over the cases that were closed in a period.

    ``of`` gets a case and answers True or False for a ``share``, a timedelta for a ``duration``; None leaves the case
    out. What it reads must outlast a purge: no personal data and no text that people wrote.
    """

    key: str
    label: Text
    of: Callable[[Case], bool | timedelta | None]
    kind: Literal["share", "duration"] = "share"


@dataclass(frozen=True, repr=False)
class Sop:
    """The whole of a procedure.

    ``roles``: everybody who takes part in it; a transition may name no other. ``number``: a format with ``{yyyy}``,
    ``{yymmdd}``, ``{code}`` and ``{seq}``; what stands before ``{seq}`` has its own gapless sequence. ``code_setting``:
    the setting that fills ``{code}``. ``reporter``: the fields with the name and the phone of whoever reported.
    ``subject``: the field that tells in a line what a case is about. ``similar``: fields by which open cases count as
    the same report. ``unit_roles``: roles that see only their own unit's cases; ``unit_field``: the reference whose row
    belongs to that unit. ``readers``: roles that may read without a step of their own. ``assignee``: the reference to a
    staff row that becomes the case's assignee, who stands for the roles in ``assignee_roles``: a step of theirs is on
    his worklist alone. ``kept``: fields that no form asks, written by
    effects. ``similar_closed``: closed cases count as similar as well. ``offered_in``: the states in which another
    SOP's reference field offers its cases; ``offered_with``: the field that must be filled in for that. ``keepers``:
    the roles that may put closed cases away when their retention has run out. ``public``: what people are told without
    signing in.
    """

    key: str
    label: Text
    label_plural: Text
    number: str
    roles: tuple[str, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    documents: tuple[Document, ...] = ()
    records: tuple[Records, ...] = ()
    sections: tuple[Section, ...] = ()
    columns: tuple[Column, ...] = ()
    personal: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    hints: tuple[Hint, ...] = ()
    reporter: tuple[str, str] | None = ("name", "phone")
    subject: str = "subject"
    similar: tuple[str, ...] = ()
    code_setting: str | None = None
    unit_roles: tuple[str, ...] = ()
    unit_field: str | None = None
    readers: tuple[str, ...] = ()
    assignee: str | None = None
    assignee_roles: tuple[str, ...] = ()
    kept: tuple[Field, ...] = ()
    similar_closed: bool = False
    offered_in: tuple[str, ...] = ()
    offered_with: str | None = None
    public: PublicPage | None = None
    keepers: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    icon: str = "fa-folder-open"

    def __repr__(self) -> str:
        return f"Sop({self.key!r})"

    @cached_property
    def state_by_key(self) -> dict[str, State]:
        return {s.key: s for s in self.states}

    @cached_property
    def transition_by_key(self) -> dict[str, Transition]:
        return {t.key: t for t in self.transitions}

    @cached_property
    def document_by_key(self) -> dict[str, Document]:
        return {d.key: d for d in self.documents}

    @cached_property
    def records_by_key(self) -> dict[str, Records]:
        return {r.key: r for r in self.records}

    @cached_property
    def create(self) -> Transition:
        return next(t for t in self.transitions if t.creates)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The case's own fields by key, in the order in which the forms ask for them; record columns are not among
        them."""
        return {asked.key: asked for asked in self._stored()}

    def _stored(self) -> Iterator[Field]:
        seen: set[str] = set()
        for transition in self.transitions:
            kept = self.records_by_key.get(transition.records or "")
            rows = {column.key for column in (kept.columns if kept else ())} | set(self.records_by_key)
            for asked in transition.fields:
                if asked.stored and asked.key not in rows and asked.key not in seen:
                    seen.add(asked.key)
                    yield replace(asked, required=False, needed=None)
        yield from self.kept

    def turn(self, state: str) -> tuple[str, ...]:
        """The roles whose step the state waits for."""
        return tuple(dict.fromkeys(r for t in self.transitions if state in t.source and not t.aside for r in t.by))

    @cached_property
    def open_states(self) -> tuple[str, ...]:
        return tuple(s.key for s in self.states if not s.is_final)
