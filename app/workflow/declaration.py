"""The classes with which an SOP is declared: ``Sop``, ``Transition``, ``Guard``, and what effects may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, Literal, NoReturn, Protocol

from app.workflow import merging
from app.workflow.parts import (
    CONTINUED_AS,
    FIELD_TYPES,
    OF_STATE,
    TARGET,
    Case,
    Choice,
    Column,
    Deadline,
    DocumentType,
    Field,
    FieldGroup,
    FieldType,
    FromMail,
    Guide,
    Hint,
    Indicator,
    Limit,
    Measure,
    PublicPage,
    Records,
    Requirement,
    State,
    StateKind,
    Text,
    may,
    need,
    required,
)
from app.workflow.sheet import Sheet
from app.workflow.texts import INTERNAL_TARGET, about

__all__ = [
    "CONTINUED_AS",
    "FIELD_TYPES",
    "OF_STATE",
    "TARGET",
    "Case",
    "Choice",
    "Column",
    "Deadline",
    "DocumentType",
    "Effect",
    "Facts",
    "Field",
    "FieldGroup",
    "FieldType",
    "FromMail",
    "Guard",
    "Guide",
    "Hint",
    "Indicator",
    "Limit",
    "Measure",
    "NoteRule",
    "PublicPage",
    "Records",
    "Requirement",
    "Sheet",
    "Sop",
    "State",
    "StateKind",
    "Text",
    "Transition",
    "Work",
    "may",
    "need",
    "required",
]

NoteRule = Literal["required", "optional", "none"]


@dataclass(frozen=True)
class Guard:
    """A condition with its explanation: ``sentence`` is what the user reads while ``holds`` is false. ``of_form``: it
    judges answers of the form, so it disables no button before they are given. ``general``: what it demands of any
    case; where nothing is said, ``sentence`` without a case."""

    key: str
    holds: Callable[[Facts], bool]
    sentence: Callable[[Facts], Text]
    of_form: bool = False
    general: Text = ""


@dataclass(frozen=True)
class Facts:
    """Everything that a decision depends on, loaded by the calling service.

    ``attached``: document types present in the case's current round; ``fresh``: those added since the case entered
    its present state; ``requested``: types that a revision asks for again. ``last``: per transition, when it was last
    done in this round and by which user id; ``done``: everything that was done in it, by transition and user id.
    ``counts``: rows per kind of record. ``values``: the answers; None empties what the case has, and a key that is not
    there leaves it. ``made``: per document type of this round, the user ids of whoever added its newest version, or its
    files where there are several; ``brought``: the same of those with which the case entered its present state.
    ``hidden``: the keys of the fields whose values no sentence may tell this user. Times are aware and in the
    deployment's zone.
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
    made: Mapping[str, frozenset[int | None]] = field(default_factory=dict)
    brought: Mapping[str, frozenset[int | None]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


class Work(Protocol):
    """What an effect may do besides changing its case; provided by the service that runs the transition."""

    actor_id: int | None
    actor_name: str
    now: datetime
    values: Mapping[str, Any]
    note: str

    def open_case(self, sop: str, values: Mapping[str, Any], *, code: str | None = None) -> Case: ...
    def link(self, kind: str, source: Case, target: Case) -> None: ...
    def release(self, document: str) -> None: ...
    def customer(self, order_id: str | None, phone: str | None) -> Any: ...
    def refuse(self, field: str, sentence: Text) -> NoReturn: ...
    def mail(self, to: str, subject: Text, text: Text, documents: tuple[str, ...] = ()) -> None: ...
    def extend(self, deadline: str, amount: int) -> None: ...
    def attach_form(self, form: str, documents: Mapping[str, str]) -> None: ...
    def seconds_of(self, document: str) -> int | None: ...


Effect = Callable[[Case, Work], None]


@dataclass(frozen=True)
class Transition:
    """A step. Without ``source`` it creates the case; without ``target`` the case stays in its state.

    ``by``: the roles that may do it; none means nobody. ``four_eyes``: whoever did one of these transitions in the
    present round may not do this one, nor whoever made what they hand in: ``decides_on``, filled in by the ``Sop``, are
    the types of those documents. ``branches``: other states in which it may end; ``choose`` says in which of them, or
    in ``target``, from the case before the step and the answers. ``optional``: possible, but not what the state waits
    for, so it puts the case on nobody's worklist. ``records``: the kind of record that the fields of the same keys
    write a row of. ``side_panel``: a template in ``templates/sections/`` shown beside the form. ``source_step``: the
    number of the step in the owner's document. ``confidential_to``: the roles that may read its note (empty: everyone
    who sees the case), unless whoever writes it opens it by a tick; ``note_open``: that tick is set at first.
    ``works_from``: the types of the documents whose newest version it works from (prints, sends), but does not take.
    ``contact``: by it somebody of ours speaks or writes to whom the case is about, or hears from them.
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
    four_eyes: tuple[str, ...] = ()
    decides_on: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    choose: Callable[[Case, Mapping[str, Any]], str] | None = None
    records: str | None = None
    side_panel: str | None = None
    optional: bool = False
    style: Literal["default", "primary", "danger"] = "primary"
    help: Text = ""
    source_step: str = ""
    confidential_to: tuple[str, ...] = ()
    note_open: bool = False
    works_from: tuple[str, ...] = ()
    contact: bool = False

    @property
    def creates(self) -> bool:
        return not self.source

    @property
    def opens_round(self) -> bool:
        return any(getattr(effect, "opens_round", False) for effect in self.effects)

    def target_from(self, state: str | None) -> str | None:
        """The state in which this transition ends as a rule, from ``state``."""
        return self.target or state

    def possible_targets(self, state: str | None) -> frozenset[str]:
        """Every state in which this transition can end, from ``state``."""
        return frozenset(s for s in (self.target_from(state), *self.branches) if s is not None)

    def resolve_target(self, case: Case, values: Mapping[str, Any]) -> str:
        """The state in which it ends on this case with these answers."""
        return self.choose(case, values) if self.choose else (self.target or str(case.state))

    @property
    def targets(self) -> frozenset[str]:
        """The states in which it declares to end."""
        return frozenset(s for s in (self.target, *self.branches) if s is not None)

    def field(self, key: str) -> Field | None:
        return next((f for f in self.fields if f.key == key), None)

    @property
    def accepts(self) -> tuple[str, ...]:
        """Document types that can be handed in with this transition, in order of declaration."""
        return tuple(dict.fromkeys(key for requirement in self.documents for key in requirement.any_of))


@dataclass(frozen=True, repr=False)
class Sop:
    """The whole of a procedure.

    ``roles``: everybody who takes part in it; a transition may name no other. ``number``: a format with ``{yyyy}``,
    ``{yymmdd}``, ``{code}`` and ``{seq}``; each prefix before ``{seq}`` has its own gapless sequence. ``code_setting``:
    the setting that fills ``{code}``. ``reporter``: the fields with the name and the phone of whoever reported.
    ``subject``: the field that says in one line what a case is about. ``personal``: fields with personal data, of rows
    as ``records.column``; mail addresses and phones always are. ``similar``: fields by which open cases count as the
    same report. ``person``: fields that say who and where somebody is; a new case can take them over from an earlier
    one of the same person. ``from_customer``: fields that the customer list fills, each with its column.
    ``round_fields``: fields that each round answers anew; what an earlier one answered is in the history.
    ``unit_roles``: roles that see only their own unit's cases; ``unit_field``: the reference whose row belongs to that
    unit. ``assignee``: the reference to a staff row that becomes the case's assignee for the roles in
    ``assignee_roles``: their steps are on the assignee's worklist alone. ``computed_fields``: fields that no form has,
    written by effects. ``field_groups``: the groups of its fields, in the order of the forms. ``offered_with``: the
    field that makes a case selectable in other SOPs' reference fields, as long as it is open and the field is filled
    in. ``sections``: templates in ``templates/sections/`` of its case page.
    ``retention_officers``: the roles that may purge closed cases when their retention has run out. ``public``: the page
    for people who are not signed in. ``from_mail``: how a mail opens a case. ``overseers``: roles that see how the
    procedure runs (dashboard, conformance) besides those that read everything. ``corrected_when_closed_by``: the roles
    that may correct a closed case; an open one corrects who may do the step that asked. ``voided_by``: the roles that
    may declare a case void, with ``void_four_eyes`` once somebody else has asked for it, one of them or of who may open
    a case. ``masked_for``: roles that get personal data masked, wherever they read them. ``revealed_for``: those of
    them that may have one case shown in whole for a short time, with ``reveal_reason`` once they have said why.
    ``customer_roles``: roles that may look customers up in the customer list. ``sheet``: the control sheet of the
    document. ``menu``: its place in the menu, the least first. ``whatsapp``: what a message to a phone of the case
    begins with; with values, a ``Sentence``. ``source``: the text of the document that declares it.

    ``others``: the other revisions that are loaded, the newest first. What can be looked up by a key (``fields`` and
    all ``…_by_key`` except ``transition_by_key``) knows theirs as well, so that a case of theirs is read with its own
    words; what a case may do follows from this revision alone.
    """

    key: str
    label: Text
    label_plural: Text
    number: str
    roles: tuple[str, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    documents: tuple[DocumentType, ...] = ()
    records: tuple[Records, ...] = ()
    sections: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    personal: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    hints: tuple[Hint, ...] = ()
    reporter: tuple[str, str] | None = ("name", "phone")
    subject: str = "subject"
    similar: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    from_customer: tuple[tuple[str, str], ...] = ()
    round_fields: tuple[str, ...] = ()
    code_setting: str | None = None
    unit_roles: tuple[str, ...] = ()
    unit_field: str | None = None
    assignee: str | None = None
    assignee_roles: tuple[str, ...] = ()
    computed_fields: tuple[Field, ...] = ()
    field_groups: tuple[FieldGroup, ...] = ()
    offered_with: str | None = None
    public: PublicPage | None = None
    from_mail: FromMail | None = None
    retention_officers: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    overseers: tuple[str, ...] = ()
    corrected_when_closed_by: tuple[str, ...] = ()
    voided_by: tuple[str, ...] = ()
    void_four_eyes: bool = False
    masked_for: tuple[str, ...] = ()
    revealed_for: tuple[str, ...] = ()
    reveal_reason: bool = False
    customer_roles: tuple[str, ...] = ()
    icon: str = "fa-folder-open"
    sheet: Sheet = field(default_factory=Sheet)
    menu: int = 100
    whatsapp: Any = None
    source: str = field(default="", compare=False)
    others: tuple[Sop, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        accepted = {t.key: t.accepts for t in self.transitions}
        decided = tuple(replace(t, decides_on=_handed_in(t.four_eyes, accepted)) for t in self.transitions)
        object.__setattr__(self, "transitions", decided)

    def __repr__(self) -> str:
        return f"Sop({self.key!r})"

    @property
    def revision(self) -> int:
        return self.sheet.revision

    @property
    def revisions(self) -> tuple[Sop, ...]:
        """This one first."""
        return (self, *self.others)

    @cached_property
    def state_by_key(self) -> dict[str, State]:
        return merging.by_key(one.states for one in self.revisions)

    def state(self, key: str) -> State:
        """The state of a key; one that no loaded revision declares is called by its key, and nothing follows it."""
        return self.state_by_key.get(key) or State(key, key, "grey", "final")

    @cached_property
    def transition_by_key(self) -> dict[str, Transition]:
        return {t.key: t for t in self.transitions}

    @cached_property
    def known_transitions(self) -> dict[str, Transition]:
        """The steps that any revision declares, for histories."""
        return merging.by_key(one.transitions for one in self.revisions)

    @cached_property
    def document_by_key(self) -> dict[str, DocumentType]:
        return merging.by_key(one.documents for one in self.revisions)

    @cached_property
    def records_by_key(self) -> dict[str, Records]:
        return merging.records(one.records for one in self.revisions)

    @cached_property
    def appointments(self) -> tuple[Records, ...]:
        """The records that fix a day on which something is to happen."""
        return tuple(records for records in self.records_by_key.values() if records.calendar)

    @cached_property
    def calendars(self) -> frozenset[str]:
        """The keys of the fields with that day."""
        return frozenset(records.calendar for records in self.appointments if records.calendar)

    @cached_property
    def create(self) -> Transition:
        return next(t for t in self.transitions if t.creates)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The case's own fields by key, in the order of the forms; record columns are not among them."""
        return merging.fields(one.own_fields for one in self.revisions)

    @cached_property
    def own_fields(self) -> dict[str, Field]:
        """Those of them that this revision declares, with its own choices."""
        return {item.key: item for item in self._stored()}

    def _stored(self) -> Iterator[Field]:
        own = {records.key: records for records in self.records}
        seen: set[str] = set()
        for transition in self.transitions:
            records = own.get(transition.records or "")
            rows = {column.key for column in (records.columns if records else ())} | set(own)
            for item in transition.fields:
                if item.stored and item.key not in rows and item.key not in seen:
                    seen.add(item.key)
                    yield replace(item, required=False, needed=None, choices=self._offered(item))
        yield from self.computed_fields

    def _offered(self, field: Field) -> tuple[Choice, ...]:
        """The choices of all forms that ask for a field, in an order that keeps that of each."""
        forms = [f.choices for t in self.transitions if (f := t.field(field.key)) is not None and f.choices]
        if len({tuple(choice.key for choice in form) for form in forms}) < 2:
            return field.choices
        known = {choice.key: choice for form in forms for choice in form}
        order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(known, ()))
        for before, after in (pair for form in forms for pair in pairwise(form)):
            order.add(after.key, before.key)
        try:
            return tuple(known[key] for key in order.static_order())
        except CycleError:
            return tuple(known.values())

    @cached_property
    def replaced(self) -> frozenset[str]:
        """The records that a form edits as a whole list: submitted rows replace those before."""
        return frozenset(item.key for transition in self.transitions for item in transition.fields if item.is_rows)

    @cached_property
    def known_round_fields(self) -> tuple[str, ...]:
        """Those of every revision."""
        return tuple(dict.fromkeys(key for one in self.revisions for key in one.round_fields))

    def emptied_by(self, transition: Transition) -> dict[str, None]:
        """The answers that a step takes away where its form gives none: those of the round that it ends."""
        return dict.fromkeys(self.round_fields) if transition.opens_round else {}

    @cached_property
    def reopens(self) -> bool:
        """Whether a closed case can be reopened: then it may be about the same matter as a new one."""
        return any(self.state_by_key[state].is_final for step in self.transitions for state in step.source)

    def responsible_roles(self, state: str) -> tuple[str, ...]:
        """The roles whose step the state waits for."""
        return tuple(dict.fromkeys(r for t in self.transitions if state in t.source and not t.optional for r in t.by))

    @cached_property
    def sent_back_by(self) -> frozenset[str]:
        """The steps by which a reviewer sends a case back: to an earlier state, with the reason."""
        return frozenset(key for key in self.brought_back_by if not self.transition_by_key[key].optional)

    @cached_property
    def brought_back_by(self) -> frozenset[str]:
        """The same, with those by which a case is opened again that was thought to be done."""
        place = {state.key: at for at, state in enumerate(self.states)}
        return frozenset(
            t.key
            for t in self.transitions
            if t.note == "required" and not t.creates
            if any(place[target] < place[source] for source in t.source for target in t.targets)
        )

    def clock_label(self, key: str) -> Text:
        """The label of a clock: that of its deadline, of the internal target before it, or of the state that a policy
        limits; the key itself when it is no longer declared."""
        if key.startswith(TARGET):
            return about(INTERNAL_TARGET, self.clock_label(key.removeprefix(TARGET)))
        every = (deadline for one in self.revisions for deadline in one.deadlines)
        declared = next((deadline.label for deadline in every if deadline.key == key), None)
        state = self.state_by_key.get(key.removeprefix(OF_STATE))
        return declared or (state.label if state else key)

    @cached_property
    def open_states(self) -> tuple[str, ...]:
        return tuple(s.key for s in self.states if not s.is_final)


def _handed_in(steps: tuple[str, ...], accepted: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The document types that ``steps`` take, each once."""
    return tuple(dict.fromkeys(document for step in steps for document in accepted.get(step, ())))
