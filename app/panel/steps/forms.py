"""The form of a step: a control per declared field, rows, files, note.

Controls carry what was typed as it was typed; only the services decide what it means and whether it is enough.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Field as Control
from wtforms import SelectMultipleField
from wtforms.form import BaseForm

from app.models import Case
from app.panel.steps.controls import unbound, written
from app.panel.steps.layout import sections
from app.panel.steps.required_when import table
from app.services.cases import proposals
from app.services.cases.form_input import begins_with, default_of
from app.services.core import clock, references
from app.services.core.access import NOTE_OPEN, Actor, closed_fields, openers
from app.services.core.errors import FieldError
from app.services.core.formatting import name_of
from app.services.core.veiled import case_for
from app.services.core.wording import bounds_of
from app.services.documents import sniff
from app.services.documents.documents import Upload
from app.workflow.declaration import Choice, DocumentType, Facts, Field, Requirement, Sop, Transition
from app.workflow.engine import requirements
from app.workflow.values import parse_all

#: The form's own inputs that name the fields it shows: a box that is not ticked sends nothing itself.
SHOWN = "_shown"
#: Rows that a form offers at first, so that it can be filled without JavaScript.
BLANK_ROWS = 5
MOST_ROWS = 200


@dataclass
class Entry:
    """A field of the form: one control, or rows of them.

    ``required``: as far as the answers so far say; ``required_when``: how that follows the answers on the page
    (``required_when.table``). ``errors``: the sentences that belong beside it; ``wrong``: the ids of the cells that
    they are about. ``wide``: it has its line for itself (``layout.py``).
    """

    field: Field
    control: Control | None = None
    rows: list[list[Control]] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)
    wrong: set[str] = dataclasses.field(default_factory=set)
    required: bool = False
    required_when: dict[str, Any] | None = None
    wide: bool = False

    @property
    def id(self) -> str:
        """Of the input to which a link to the field leads: the first box of several, the first cell of rows."""
        if self.rows:
            return str(self.rows[0][0].id)
        return f"{self.field.key}-0" if self.many else f"field-{self.field.key}"

    def cell(self, number: int, column: str) -> str:
        """The id of a cell by the number of its row, from 1; the first of all where the form has no such."""
        keys = [one.key for one in self.field.columns]
        return str(self.rows[number - 1][keys.index(column)].id) if number <= len(self.rows) else self.id

    @property
    def many(self) -> bool:
        """Several tick boxes, which need a group with a legend rather than a label."""
        return isinstance(self.control, SelectMultipleField)


@dataclass
class FileEntry:
    """One requirement of documents: at least one of ``kinds``; ``present``: there is one already; ``old``: there is
    one, but a new version is wanted."""

    requirement: Requirement
    kinds: list[Any]
    present: bool
    old: bool
    errors: list[str] = dataclasses.field(default_factory=list)

    @property
    def id(self) -> str:
        return f"file-{self.kinds[0].key}"


@dataclass(frozen=True)
class Told:
    """A line of what stands in the way; ``id`` of the input that it is about, empty for none."""

    sentence: str
    id: str = ""


class StepForm:
    """The form of ``transition``, for this user and case (None: about to be created)."""

    def __init__(
        self, sop: Sop, transition: Transition, actor: Actor, case: Case | None, facts: Facts,
        typed: MultiDict[str, str] | None = None, present: Mapping[str, Any] | None = None,
        proposed: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """``present``: what there is to be corrected, with which the form begins instead of what the step proposes.
        ``proposed``: what is known of a new case already, by field key."""
        self.transition, self._present = transition, present
        self._proposed = {**proposals.proposed(actor, sop, transition), **(proposed or {})} if present is None else {}
        self._sop, self._actor, self._case, self._facts = sop, actor, case, facts
        self._shown = case_for(actor, case) if case is not None else None
        self._typed = typed
        self._closed = closed_fields(actor, sop)
        self._choices: dict[str, Sequence[Choice]] = {}
        self.entries = [self._entry(field) for field in transition.fields]
        self.files = list(self._files())
        self._mark_required()
        self.sections = sections(sop, self.entries)
        self.note = typed.get("note", "") if typed else ""
        self.note_open = NOTE_OPEN in typed if typed else transition.note_open
        self.note_readers = ", ".join(openers(transition))
        self.note_errors: list[str] = []
        self.general: list[Told] = []

    @property
    def typed(self) -> MultiDict[str, str] | None:
        """What the form was sent with, if it comes back."""
        return self._typed

    @property
    def typed_before(self) -> bool:
        """Whether the form comes back with what was typed, none of it saved."""
        return bool(self._typed)

    @property
    def asks(self) -> bool:
        """Whether there is anything to be filled in."""
        return bool(self.entries or self.files or self.transition.note == "required")

    @property
    def kinds(self) -> list[tuple[DocumentType, bool]]:
        """The kinds of document that the form takes, each with whether it lacks."""
        return [(kind, one.requirement.required and not one.present) for one in self.files for kind in one.kinds]

    def show(self, message: str, errors: Sequence[FieldError]) -> None:
        """Puts the sentences of a refusal on top and beside what they are about."""
        places = {error.message: self._beside(error) for error in errors}
        self.general = [Told(sentence, place) for sentence, place in places.items()] or [Told(message)]
        self.general.sort(key=self._order)

    def _beside(self, error: FieldError) -> str:
        """Puts the sentence beside what it is about; its id."""
        place = ""
        if error.kind == "note":
            self.note_errors.append(error.message)
            place = "note"
        for entry in self.entries:
            if error.kind in ("field", "invalid") and error.key == entry.field.key:
                entry.errors.append(error.message)
                place = entry.cell(*error.cell) if error.cell else entry.id
                entry.wrong.add(place)
        for files in self.files:
            if error.kind == "document" and set(error.key.split("|")) & set(files.requirement.any_of):
                files.errors.append(error.message)
                place = place or files.id
        return place

    def _order(self, told: Told) -> int:
        """As the inputs stand in the form, after what is about none."""
        cells = (
            [box.id for row in entry.rows for box in row] or [entry.id]
            for section in self.sections for entry in section.entries
        )  # fmt: skip
        inputs = [*(one for many in cells for one in many), *(files.id for files in self.files), "note"]
        return inputs.index(told.id) if told.id else -1

    def _entry(self, field: Field) -> Entry:
        if field.is_rows:
            kept = self._kept_rows(field)
            return Entry(field, rows=[self._row(field, at, kept) for at in self._row_numbers(field, len(kept))])
        return Entry(_explained(field), self._control(field, field.key, written(field, self._begun(field))))

    def _mark_required(self) -> None:
        """By the answers with which the form comes: what was typed, or what the step proposes."""
        raw = {entry.field.key: entry.control.data for entry in self.entries if entry.control is not None}
        values, _wrong = parse_all(self.transition.fields, raw, clock.zone())
        values |= {"documents": self._facts.attached, "fresh": self._facts.fresh}
        asked = {field.key: field for field in self.transition.fields}
        documents = [key for files in self.files for key in files.requirement.any_of]
        for entry in self.entries:
            entry.required = entry.field.is_required(self._case, values)
            entry.required_when = table(asked[entry.field.key], asked, documents, self._facts, self._offered_keys)

    def _offered_keys(self, field: Field) -> list[str]:
        return [choice.key for choice in self._choices.get(field.key, ())]

    def _begun(self, field: Field) -> Any:
        if self._present is not None:
            return self._present[field.key]
        if field.key in self._proposed:
            return self._proposed[field.key]
        readable = field.key not in self._closed
        return begins_with(self._sop, self.transition, field, self._shown if readable else None)

    def _control(self, field: Field, name: str, value: Any) -> Control:
        if field.key not in self._choices:
            self._choices[field.key] = self._with_present(field, self._offered(field))
        form = BaseForm({name: unbound(field, self._choices[field.key])})
        # A form that was sent without this box has it unticked; one that was not sent at all has what the
        # case has.
        form.process(self._typed, data={name: value})
        return form[name]

    def _offered(self, field: Field) -> Sequence[Choice]:
        return references.choices(field, self._sop, self._actor, self._case)

    def _with_present(self, field: Field, offered: Sequence[Choice]) -> Sequence[Choice]:
        """With the row that is to be corrected, offered by now or not."""
        row = (self._present or {}).get(field.key) if field.type == "reference" else None
        if row is None or any(choice.key == row.code for choice in offered):
            return offered
        return (*offered, Choice(row.code, name_of(row)))

    def _kept_rows(self, field: Field) -> list[Any]:
        """The rows that this form would replace, to be edited rather than typed again."""
        replaces = self._case is not None and field.key in self._sop.replaced
        return list(getattr(self._shown, field.key)) if replaces else []

    def _row(self, field: Field, at: int, kept: Sequence[Any]) -> list[Control]:
        values = {c.key: getattr(kept[at], c.key) if at < len(kept) else default_of(c) for c in field.columns}
        return [self._control(c, f"{field.key}-{at}-{c.key}", written(c, values[c.key])) for c in field.columns]

    def _row_numbers(self, field: Field, kept: int) -> list[int]:
        return sorted({*range(max(BLANK_ROWS, kept + 1)), *_row_numbers(field, self._typed or {})})

    def _files(self) -> Iterator[FileEntry]:
        for requirement in requirements(self.transition, self._facts):
            wanted = set(requirement.any_of)
            present = bool(wanted & (self._facts.fresh if requirement.fresh else self._facts.attached))
            kinds = [self._sop.document_by_key[key] for key in requirement.any_of]
            yield FileEntry(requirement, kinds, present, not present and bool(wanted & self._facts.attached))


def _explained(field: Field) -> Field:
    """A field says beside its help which numbers it takes and, when it is confidential, who will read it."""
    readers = _("Only these will read it: %(roles)s.", roles=", ".join(openers(field))) if field.confidential_to else ""
    said = " ".join(filter(None, (str(field.help), bounds_of(field), readers)))
    return dataclasses.replace(field, help=said)


def begun(sop: Sop, transition: Transition, actor: Actor, case: Case) -> dict[str, Any]:
    """What the form of a step on a case begins with, by field key, as the services take it."""
    kept = proposals.proposed(actor, sop, transition)
    values = {f.key: kept.get(f.key, begins_with(sop, transition, f, case)) for f in transition.fields if not f.is_rows}
    return {key: written(_field(transition, key), value) for key, value in values.items() if value is not None}


def _field(transition: Transition, key: str) -> Field:
    return next(field for field in transition.fields if field.key == key)


def answers(transition: Transition, typed: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, by field key, as the services take it: None for a field that was
    shown and left empty; a field that was not shown is not among the answers."""
    shown = set(typed.getlist(SHOWN))
    found = ((field.key, _answer(field, typed)) for field in transition.fields)
    return {key: answer for key, answer in found if answer is not None or key in shown}


def _answer(field: Field, typed: MultiDict[str, str]) -> Any:
    if field.is_rows:
        rows = sorted(_row_numbers(field, typed))
        return [{c.key: typed.get(f"{field.key}-{at}-{c.key}") for c in field.columns} for at in rows] or None
    return typed.getlist(field.key) or None if field.type == "list" else typed.get(field.key)


def uploads(files: MultiDict[str, FileStorage]) -> dict[str, list[Upload]]:
    """The files that were chosen, by kind of document; a file input left alone sends a file without a
    name."""
    chosen = {key: [Upload(f.filename, f.stream) for f in many if f.filename] for key, many in files.lists()}  # type: ignore[arg-type]
    return {key: many for key, many in chosen.items() if many}


def accept(kind: Any) -> str:
    """The ``accept`` attribute of a file input: content types and endings, since browsers know few of the
    types."""
    return ",".join([*kind.accept, *sniff.endings(kind.accept)])


def endings(kind: Any) -> str:
    return ", ".join(e.removeprefix(".") for e in sniff.endings(kind.accept))


def _row_numbers(field: Field, typed: Mapping[str, Any]) -> set[int]:
    pattern = re.compile(rf"{re.escape(field.key)}-(\d{{1,4}})-")
    found = {int(match[1]) for name in typed if (match := pattern.match(name))}
    return set(sorted(found)[:MOST_ROWS])
