"""The history of a case in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Case, Document, Event
from app.panel.cases.row_words import RowWords, row_words
from app.services.cases.comments import readers_of
from app.services.cases.corrections import ID
from app.services.core import history, masking, references
from app.services.core.access import (
    NOTE_OPEN,
    SYSTEM,
    Actor,
    is_withdrawn,
    may_read_note,
    readable_changes,
    sees_event,
)
from app.services.core.formatting import NOTHING, name_of, remembered, who
from app.services.core.veiled import documents_for
from app.services.core.wording import COMMENT, COMMENTING, CORRECTED, action_label
from app.workflow import merging
from app.workflow.declaration import OF_STATE, TARGET, Choice, Field, Sop, State, Text

#: What a history remembers besides answers of forms.
OTHER_CHANGES: dict[str, Text] = {"from": _l("Continues"), "mutation": _l("Continued as"), "holder": _l("Claimed by"),
                                    "revision": _l("Revision"), "mail": _l("Mail"),
                                    "used": _l("Used (%)"), "escalated_to": _l("Escalated to")}  # fmt: skip


@dataclass(frozen=True)
class CommentLine:
    """``seq``: of its event; ``readers``: the roles that read it besides its author, none: everybody who sees the case.
    ``mine``: the reader may withdraw it."""

    seq: int
    readers: tuple[str, ...]
    withdrawn: datetime | None
    mine: bool


@dataclass(frozen=True)
class TimelineEntry:
    """``changes``: label, before (empty when there was nothing), after. ``documents``: label and, if it is
    still there, the document. ``closed``: there is a note, but the reader may not read it. ``comment``: what more is
    told of one. ``corrects``: what it is about are its changes. ``key``: of the action. ``rows``: those of the case's
    records that it wrote. ``began``: when the first of several uploads came that are told as one."""

    at: datetime
    actor: str
    action: str
    before: State | None
    after: State
    round: int
    note: str
    closed: bool
    changes: list[tuple[str, str, str]]
    documents: list[tuple[str, int, Document | None]]
    comment: CommentLine | None
    corrects: bool = False
    key: str = ""
    rows: tuple[RowWords, ...] = ()
    began: datetime | None = None


def lines(
    actor: Actor, sop: Sop, case: Case, events: Sequence[Event], documents: Sequence[Document]
) -> list[TimelineEntry]:  # fmt: skip
    """Newest first, as ``actor`` may read it. References that the case itself does not have any more are looked up in
    one query."""
    fields, veiled = _fields(sop), masking.masked_now(actor, case)
    events = [event for event in events if sees_event(actor, event)]
    told = [{} if e.action in COMMENTING else readable_changes(actor, sop, e.changes) for e in events]
    if veiled:
        told = [masking.changes(sop, changes, masking.veil) for changes in told]
        documents = documents_for(actor, case, documents)
    open_notes = [may_read_note(actor, sop, event) for event in events]
    names = names_in(sop, case, fields, told)
    there = {(d.type, d.version): d for d in documents}
    return [
        TimelineEntry(
            at=event.at,
            actor=_actor(event, veiled),
            action=action_label(sop, event.action),
            before=sop.state(event.from_state) if event.from_state else None,
            after=sop.state(event.to_state),
            round=event.round,
            note=_note(actor, event, veiled) if readable else "",
            closed=bool(event.note) and not readable and not is_withdrawn(event),
            changes=[
                line
                for key, kept in changes.items()
                if not _wrote(fields, key, kept)
                for line in _told(sop, fields, names, key, kept)
            ],
            documents=[] if is_withdrawn(event) else [_document(sop, there, entry) for entry in event.documents],
            comment=_comment(actor, event),
            corrects=event.action == CORRECTED,
            key=event.action,
            rows=tuple(
                row_words(fields[key].columns, row, partial(_said, names))
                for key, kept in changes.items()
                if _wrote(fields, key, kept)
                for row in kept
            ),
        )
        for event, changes, readable in reversed(list(zip(events, told, open_notes, strict=True)))
    ]


def _actor(event: Event, veiled: bool) -> str:
    """Colleagues are called by their names; whoever is no user may be the writer of a mail."""
    outside = veiled and event.actor_id is None and event.actor_name != SYSTEM.name
    return str(masking.veil(event.actor_name) if outside else who(event.actor_name, event.known_account))


def _note(actor: Actor, event: Event, veiled: bool) -> str:
    """One's own is not masked: they have just written it."""
    note = event.note or ""
    return str(masking.blank(note)) if veiled and event.actor_id != actor.id else note


def _comment(actor: Actor, event: Event) -> CommentLine | None:
    if event.action != COMMENT:
        return None
    mine = actor.id == event.actor_id and event.withdrawn is None
    return CommentLine(event.seq, tuple(readers_of(event)), event.withdrawn, mine)


def sent_back(
    actor: Actor, sop: Sop, case: Case, events: Sequence[Event], documents: Sequence[Document]
) -> TimelineEntry | None:
    """The line of whoever sent the case back into its present state, with the reason; None when it came otherwise."""
    moved = next((e for e in reversed(events) if e.from_state != e.to_state), None)
    if moved is None or moved.to_state != case.state or moved.action not in sop.brought_back_by:
        return None
    return lines(actor, sop, case, [moved], documents)[0]


def _fields(sop: Sop) -> dict[str, Field]:
    """Every field that a form of the SOP asks for, stored or not, with the choices of all its forms."""
    rows = {r.key: Field(r.key, r.label, "list", columns=r.columns) for r in sop.records_by_key.values()}
    keys = [p + d.key for one in sop.revisions for d in one.deadlines for p in ("", TARGET)]
    keys += [OF_STATE + state for state in sop.state_by_key]
    clocks = tuple(Choice(key, sop.clock_label(key)) for key in keys)
    warned = {"clock": Field("clock", _l("Deadline"), "choice", choices=clocks)}
    opened = {NOTE_OPEN: Field(NOTE_OPEN, _l("Everyone who sees the case may read the note"), "boolean")}
    asked = merging.fields({f.key: f for f in t.fields} for t in sop.known_transitions.values())
    return asked | dict(sop.fields) | rows | warned | opened


def _told(
    sop: Sop, fields: dict[str, Field], names: Mapping[tuple[str, str], str], key: str, kept: Any
) -> list[tuple[str, str, str]]:  # fmt: skip
    """The lines of one change."""
    if key == history.DECIDED_ON:
        return _decided_on(sop, kept)
    if key == history.EMPTIED:
        labels = (fields[one].label for one in kept[1] if one in fields)
        return [(_("Emptied"), "", ", ".join([*map(str, labels), _("notes and changes of the history")]))]
    return _change(fields, names, key, kept)


def _decided_on(sop: Sop, kept: Any) -> list[tuple[str, str, str]]:
    """A line per document on which a step decided."""
    return [(_("Decided on"), "", _numbered(_label(sop, key), numbers)) for key, numbers in (kept[1] or {}).items()]


def _numbered(document: str, numbers: Any) -> str:
    """A document with its version, or with the numbers of the files of which there were several."""
    if isinstance(numbers, list):
        said = _("%(document)s, files %(numbers)s", document=document, numbers=", ".join(map(str, numbers)))
    else:
        said = _("%(document)s, version %(number)s", document=document, number=numbers)
    return str(said)


def _label(sop: Sop, key: str) -> str:
    kind = sop.document_by_key.get(key)
    return str(kind.label if kind else key)


def _change(
    fields: dict[str, Field], names: Mapping[tuple[str, str], str], key: str, kept: Any
) -> list[tuple[str, str, str]]:
    field = fields.get(key)
    if field is None:
        was, now = ("" if value is None else str(value) for value in kept)
        return [(str(OTHER_CHANGES.get(key, key)), was, now or NOTHING)]
    if field.is_rows:
        return [line for row in kept for line in _row(field, names, row)] or [(str(field.label), "", NOTHING)]
    before, after = (said(field, names, value) for value in kept)
    return [(str(field.label), "" if kept[0] is None else before, after)]


def _row(field: Field, names: Mapping[tuple[str, str], str], row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    if ID in row:
        return [line for c in field.columns if c.key in row for line in _change({c.key: c}, names, c.key, row[c.key])]
    return [(str(c.label), "", said(c, names, row[c.key])) for c in field.columns if row.get(c.key) is not None]


def _wrote(fields: Mapping[str, Field], key: str, kept: Any) -> bool:
    """Whether these are whole rows, not what was corrected in them."""
    return key in fields and fields[key].is_rows and bool(kept) and not any(ID in row for row in kept)


def _said(names: Mapping[tuple[str, str], str], field: Field, value: Any) -> str:
    return said(field, names, value)


def said(field: Field, names: Mapping[tuple[str, str], str], value: Any) -> str:
    if field.type == "reference":
        return names.get((field.reference or "", str(value)), str(value))
    return remembered(field, value)


def _document(
    sop: Sop, there: Mapping[tuple[str, int], Document], entry: Mapping[str, Any]
) -> tuple[str, int, Document | None]:
    return (
        _label(sop, entry["type"]),
        entry["version"],
        there.get((entry["type"], entry["version"])),
    )


def names_in(
    sop: Sop, case: Case, fields: dict[str, Field], told: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], str]:  # fmt: skip
    """Names by table and code, of every reference that the history mentions."""
    known = {}
    for key, field in sop.fields.items():
        if field.type == "reference" and (row := getattr(case, key)) is not None:
            known[field.reference or "", row.code] = name_of(row)
    for records in sop.records_by_key.values():
        for column in records.columns:
            if column.type == "reference":
                rows = (getattr(record, column.key) for record in getattr(case, records.key))
                known.update({(column.reference or "", row.code): name_of(row) for row in rows if row is not None})
    wanted = {pair for changes in told for pair in _mentioned(fields, changes)}
    return known | references.names(wanted - set(known))


def _mentioned(fields: dict[str, Field], changes: Mapping[str, Any]) -> set[tuple[str, str]]:
    found = set()
    for key, kept in changes.items():
        field = fields.get(key)
        if field is not None and field.type == "reference":
            found |= {(field.reference or "", str(value)) for value in kept if value is not None}
        elif field is not None and field.is_rows:
            columns = [c for c in field.columns if c.type == "reference"]
            found |= {(c.reference or "", str(value)) for row in kept for c in columns for value in _values(row, c.key)}
    return found


def _values(row: Mapping[str, Any], key: str) -> list[Any]:
    """What a row has in a column, and had before a correction."""
    kept = row.get(key)
    return [value for value in (kept if ID in row else [kept]) or () if value]
