"""The parts of a declaration: fields, states, documents, records, deadlines, columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from app.workflow.kinds import KINDS, FieldKind

#: A text shown to people: a plain string or a lazy translation of one.
Text = Any
#: A case as the SOP sees it. Its columns follow from the declaration, so no static type knows them.
Case = Any
FieldType = Literal[
    "text", "longtext", "integer", "money", "date", "datetime", "boolean", "choice", "reference", "list"
]
FIELD_TYPES: frozenset[str] = frozenset(FieldType.__args__)  # type: ignore[attr-defined]
#: What narrows the values of a type.
Format = Literal["", "email", "phone", "contact", "position"]
StateKind = Literal["open", "waiting", "final"]
Colour = Literal["grey", "blue", "amber", "violet", "teal", "green", "red"]
#: The prefix of a clock that a policy starts by itself, before the key of the state that it limits.
OF_STATE = "state:"
#: The prefix of the clock of an internal target, before the key of the deadline that it precedes.
TARGET = "target:"
#: The default of a moment with which a new form begins at the moment when it is opened.
NOW = "now"
#: The kind of link from a closed case to the one as which it continues.
CONTINUED_AS = "mutation"
#: What a history calls it when somebody says something on a case, and takes it back: no step may be called so.
COMMENT, WITHDRAWN = "comment", "withdraw_comment"
#: The default of a date that is the day on which the form is opened.
TODAY = "today"
#: How the length of a deadline is counted.
Measure = Literal["working_hours", "working_days", "calendar_days", "calendar_months"]


@dataclass(frozen=True)
class Choice:
    """One of the values that a field of type ``choice`` (or ``list``) offers."""

    key: str
    label: Text


@dataclass(frozen=True)
class FieldGroup:
    """Fields that belong together; forms show them side by side under its label."""

    key: str
    label: Text


@dataclass(frozen=True)
class Comparison:
    """A rule that compares the answer to a field: with now, with another field, with what the case has.

    ``rule`` is its word and ``value`` what it compares with, as the document has them. ``broken`` says what is wrong
    with an answer (None: nothing), ``general`` what it demands of any. ``or_reason``: a note lifts it. ``says``: the
    sentence, where it is not the usual one.
    """

    rule: str
    value: str
    broken: Callable[[Field, Any, Any], Text | None]
    general: Text
    or_reason: bool = False
    says: Text = None


@dataclass(frozen=True)
class Field:
    """A field of a form, stored on the case.

    ``required`` says that the transition can't be done without it; a required boolean is a tick that must be set, and
    afresh each time that the transition is done. ``reference`` names a table of master data (see ``models/master.py``);
    ``choices`` the fixed answers. A ``list`` with ``choices`` takes several of them; a ``list`` with ``columns`` takes
    rows. ``minimum`` is the least number allowed (money is in whole rupiah). What is not ``stored`` is only in the
    history, for the transition's effects to use. ``needed`` narrows ``required`` to some cases or values (``documents``
    among the values are the types that are attached or come with the form). ``format`` narrows the type: a text may be
    an ``email`` address, a ``phone`` number or a ``contact`` (either of them), an integer a ``position``, seconds into
    a recording, written mm:ss. The two together are the field's ``kind``. ``rules`` compare the answer.
    ``confidential_to``: the roles that may read it (empty: everyone who sees the case). ``ticked``: the choice that a
    program means by true, where the field was a tick before it became a choice. ``group``: with which fields it belongs
    together (None: with none in particular). ``remembered``: a new case begins with what the same user chose last.
    """

    key: str
    label: Text
    type: FieldType = "text"
    required: bool = False
    choices: tuple[Choice, ...] = ()
    reference: str | None = None
    columns: tuple[Field, ...] = ()
    format: Format = ""
    help: Text = ""
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    stored: bool = True
    needed: Callable[[Case | None, Mapping[str, Any]], bool] | None = None
    rules: tuple[Comparison, ...] = ()
    confidential_to: tuple[str, ...] = ()
    ticked: str | None = None
    group: FieldGroup | None = None
    remembered: bool = False

    def is_required(self, case: Case | None, values: Mapping[str, Any]) -> bool:
        """Whether a value is required on this case (None: not yet created) with these other values."""
        return self.required and (self.needed is None or self.needed(case, values))

    @property
    def attests(self) -> bool:
        """Whether it is an attestation: a tick that is not taken over from another user or an earlier step."""
        return self.type == "boolean" and self.required

    @property
    def kind(self) -> FieldKind:
        return KINDS[self.format or self.type]

    @property
    def is_rows(self) -> bool:
        return self.type == "list" and bool(self.columns)


def required(field: Field, **changes: Any) -> Field:
    """The same field, required."""
    return replace(field, required=True, **changes)


@dataclass(frozen=True)
class State:
    """A state of a case. ``waiting`` is an open state in which somebody outside has to act. ``counts_for_deadlines``:
    whether a final state counts as a settled case; where it does not, no deadline was kept."""

    key: str
    label: Text
    colour: Colour = "blue"
    kind: StateKind = "open"
    counts_for_deadlines: bool = True

    @property
    def is_final(self) -> bool:
        return self.kind == "final"


@dataclass(frozen=True)
class DocumentType:
    """A kind of document; every one has versions and rounds.

    ``accept``: content types, as sniffed from the bytes. ``confidential_to``: the roles that may open it before it is
    released (empty: everyone who sees the case). ``retention``: years until it is purged, from the closing of the case
    (None: the policy's default). ``max_bytes``: largest file, None for the deployment's limit. ``several``: each that
    comes is a file of its own, unless it is said to replace another; else it is the next version of the one that there
    is.
    """

    key: str
    label: Text
    accept: tuple[str, ...]
    confidential_to: tuple[str, ...] = ()
    retention: int | None = None
    max_bytes: int | None = None
    several: bool = False


@dataclass(frozen=True)
class Requirement:
    """At least one of these documents; ``fresh`` ones must have been added since the case entered its present state.

    ``when`` limits the requirement to some cases (None for the case means: not yet created), ``opened_from`` to those
    that were opened on that day or later.
    """

    any_of: tuple[str, ...]
    required: bool = True
    fresh: bool = False
    when: Callable[[Case | None], bool] | None = None
    opened_from: date | None = None

    def applies(self, case: Case | None, now: datetime) -> bool:
        """Whether it holds for this case; ``now`` is in the deployment's zone."""
        return since_opening(self.opened_from, case, now) and (self.when is None or self.when(case))


def since_opening(opened_from: date | None, case: Case | None, now: datetime) -> bool:
    """Whether a rule that meets only the cases opened from a day on meets this one (None: opened now)."""
    if opened_from is None:
        return True
    opened: datetime = now if case is None else case.created_at.astimezone(now.tzinfo)
    return opened.date() >= opened_from


def need(*any_of: str, fresh: bool = False, when: Callable[[Case | None], bool] | None = None) -> Requirement:
    return Requirement(any_of, True, fresh, when)


def may(*any_of: str, when: Callable[[Case | None], bool] | None = None) -> Requirement:
    return Requirement(any_of, False, False, when)


@dataclass(frozen=True)
class Records:
    """Rows that belong to a case (hearings, repeat contacts, …), with their columns.

    ``calendar``: the column with the date of the next appointment; the newest row is in the calendar while the case is
    in one of ``calendar_states`` (none: any open one). ``counted``: only rows with a value in this column count (none:
    all), such as attempts among appointments. ``recorded_in``: how a column is called that shows in which state a
    row was recorded (empty: it is not shown).
    """

    key: str
    label: Text
    columns: tuple[Field, ...]
    calendar: str | None = None
    calendar_states: tuple[str, ...] = ()
    counted: str | None = None
    recorded_in: Text = ""

    def count(self, rows: Iterable[Any]) -> int:
        return sum(self.counted is None or getattr(row, self.counted) is not None for row in rows)


@dataclass(frozen=True)
class Guide:
    """A section of a public page: heading, lines, and how long it takes (empty: no promise). ``contact_setting``: the
    setting with the contact, a number or an address."""

    heading: Text
    lines: tuple[Text, ...]
    limit: Text = ""
    contact_setting: str | None = None


@dataclass(frozen=True)
class PublicPage:
    """The page for people who are not signed in: how to report, by channel. Below it they look up the status of their
    own report by its number and their phone."""

    title: Text
    introduction: Text
    guides: tuple[Guide, ...]


@dataclass(frozen=True)
class FromMail:
    """How a mail fills the form that opens a case, and as what it is kept on the case.

    ``sender``, ``sender_name``, ``subject``, ``text``: the fields that take them; without one for the subject it stands
    above the text. ``answers``: what else the form is answered, as a program would send it. ``attachments``: the type
    of the documents that came with it; ``mail``: that of the mail itself. ``acknowledgement``: the effect that answers
    whoever wrote, where opening the case has not done so already.
    """

    sender: str
    text: str
    attachments: str
    sender_name: str | None = None
    subject: str | None = None
    answers: tuple[tuple[str, Any], ...] = ()
    mail: str | None = None
    acknowledgement: Callable[[Case, Any], None] | None = None


@dataclass(frozen=True)
class Column:
    """A column of the list: a field's key or one of the case's own columns; ``label`` overrides the field's."""

    key: str
    label: Text = None


@dataclass(frozen=True)
class Limit:
    """How long something may take. ``channels``: only for cases that came by one of them (none: all).

    ``opened_from``: only for cases opened on that day or later. ``citation``: the law or agreement that sets it, where
    it is not the deadline's. ``extension``: by how much of its measure it may be extended at most (None: no bound).
    ``since``: as in ``Deadline``, but while it gives nothing the count is from the opening.
    """

    amount: int
    measure: Measure = "working_days"
    channels: tuple[str, ...] = ()
    opened_from: date | None = None
    citation: Text = ""
    extension: int | None = None
    since: Callable[[Case], date | datetime | None] | None = None

    def fits(self, channel: str | None) -> bool:
        return not self.channels or channel in self.channels


@dataclass(frozen=True)
class Deadline:
    """Something to be done in time while the case is in one of ``states`` (none: every open state).

    Either its day is a field of the case, returned by ``due``. Or it is counted: by the first of ``limits`` that fits,
    from when the case was opened, or from the day or moment that ``since`` returns (None: not running yet). A counted
    one pauses in states that wait for someone outside; a policy among the master data overrides its limit. ``kept_in``:
    the field in which its day is stored. ``opened_from``: it holds for cases opened on that day or later. ``citation``:
    the regulation or agreement that sets it.
    """

    key: str
    label: Text
    due: Callable[[Case], date | datetime | None] | None = None
    states: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    since: Callable[[Case], date | datetime | None] | None = None
    kept_in: str | None = None
    opened_from: date | None = None
    citation: Text = ""

    def limit_of(self, case: Case, now: datetime) -> Limit | None:
        """The limit under which a case stands, by its channel and the day it was opened; ``now`` is in the deployment's
        zone."""
        channel = getattr(case, "channel", None)
        fitting = (one for one in self.limits if one.fits(channel))
        return next((one for one in fitting if since_opening(one.opened_from, case, now)), None)

    def opened_until(self, limit: Limit) -> date | None:
        """The last day on which cases were opened to which a limit applies: the one before a later limit for the same
        channels (None: it applies still)."""
        before = self.limits[: self.limits.index(limit)]
        same = (one for one in before if not one.channels or set(limit.channels) & set(one.channels))
        days = [one.opened_from for one in same if one.opened_from is not None]
        return min(days) - timedelta(days=1) if days else None


@dataclass(frozen=True)
class Hint:
    """A sentence in the head of the case page for the people of some roles (none: everyone) while ``when`` holds."""

    when: Callable[[Case], bool]
    sentence: Text
    roles: tuple[str, ...] = ()
    colour: Colour = "blue"


@dataclass(frozen=True)
class Indicator:
    """A figure by which the procedure is judged, over the cases that were closed in a period.

    ``of`` gets a case and returns True or False for a ``share``, a timedelta for a ``duration``; None leaves the case
    out. It may only read what a purge leaves: no personal data and no free text.
    """

    key: str
    label: Text
    of: Callable[[Case], bool | timedelta | None]
    kind: Literal["share", "duration"] = "share"
