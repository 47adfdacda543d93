"""What was typed into a form that was refused: to be read, and to be sent again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.panel.steps.forms import Entry, StepForm
from app.services.core.formatting import yes_or_no

#: What belongs to the sending rather than to the answers.
NO_ANSWERS = frozenset({"csrf_token", "version"})


def readable(form: StepForm) -> list[tuple[str, str]]:
    """Label and words of every answer that was given; rows a line each."""
    lines = [(str(entry.field.label), said) for entry in form.entries if (said := _said(entry))]
    if not form.note.strip():
        return lines
    opened = [(_("Everyone who sees the case may read the note"), yes_or_no(form.note_open))]
    return [*lines, (_("Note"), form.note), *(opened if form.note_readers else [])]


def inputs(typed: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The form's inputs by name, for the hidden inputs of another form."""
    return [(name, value) for name, many in typed.lists() if name not in NO_ANSWERS for value in many]


def _said(entry: Entry) -> str:
    if entry.field.is_rows:
        rows = (", ".join(filter(None, map(_words, row))) for row in entry.rows)
        return "\n".join(filter(None, rows))
    said = _words(entry.control)
    return said.replace("T", " ") if entry.field.type == "datetime" else said


def _words(control: Any) -> str:
    if control.type == "BooleanField":
        return yes_or_no(True) if control.data else ""
    if control.type in ("SelectField", "SelectMultipleField"):
        return ", ".join(_chosen(control))
    return str(control.data or "").strip()


def _chosen(control: Any) -> Iterator[str]:
    sent = control.data if isinstance(control.data, list) else [control.data]
    labels = {str(choice[0]): str(choice[1]) for choice in control.choices}
    return (labels.get(str(one), str(one)) for one in sent if one)
