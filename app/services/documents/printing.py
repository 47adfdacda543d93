"""Printed forms: a case as PDF or DOCX; the layout is in ``templates/letters``.

A form is a template by its name: ``<form>.typ`` for PDF, ``<form>.docx`` for DOCX. What people typed reaches both as
data, so nothing in it is ever read as markup.
"""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typst
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Event
from app.services.core import clock, history
from app.services.core.access import NOBODY, Actor, closed_columns, closed_fields, may_read_note
from app.services.core.formatting import NOTHING, answer, day, moment
from app.services.core.wording import COMMENTING
from app.sop import sop_of
from app.workflow.declaration import Field, Records, Sop

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
LETTERS = TEMPLATES / "letters"
#: The forms are Indonesian papers, whoever prints them.
LANGUAGE = "id"

#: In millimetres.
LOGO_HEIGHT = 9

Content = dict[str, Any]


def render(form: str, kind: str, case: Case, readers: Sequence[Actor] = (NOBODY,)) -> bytes:
    """The form ``form`` of a case, filled as far as the case has come; ``kind`` is a key of ``KINDS``.
    ``readers``: for whom it is; what is confidential to others is left empty.

    Raises ``FileNotFoundError`` for a form that has no template of that kind.
    """
    ending, write = KINDS[kind]
    template = LETTERS / f"{form}.{ending}"
    if not template.is_file():
        raise FileNotFoundError(template.name)
    with force_locale(LANGUAGE):
        content = content_of(case, readers)
    return write(template, content | {"company": current_app.config["COMPANY_NAME"]})


def content_of(case: Case, readers: Sequence[Actor] = (NOBODY,)) -> Content:
    """The content for a form, in words: ``fields`` by key (``there``: filled in, and not with no), ``rows`` by kind of
    record, and per step the last of its ``notes``."""
    sop = sop_of(case)
    closed = frozenset[str]().union(*(closed_fields(reader, sop) for reader in readers))
    return {
        "number": case.number,
        "sop": str(sop.label),
        "state": str(sop.state(case.state).label),
        "created": moment(case.created_at),
        "printed": moment(clock.now()),
        "fields": {
            key: _field(field, None if key in closed else getattr(case, key))
            for key, field in (sop.fields | sop.own_fields).items()
        },
        "rows": {records.key: _rows(sop, records, case, readers) for records in sop.records_by_key.values()},
        "notes": _notes(sop, case, readers),
        "sheet": sheet_in_words(sop),
        "head": head_of(case),
    }


def head_of(case: Case) -> str:
    """The end of the case's history, for the foot of what is printed."""
    newest = select(Event.seq, Event.hash).where(Event.case_id == case.id).order_by(Event.seq.desc()).limit(1)
    found = db.session.execute(newest).one_or_none()
    return history.head_of(found) if found else NOTHING


def sheet_in_words(sop: Sop) -> str:
    """The document by which a form was made: its code or name, its revision, since when it holds."""
    sheet = sop.sheet
    name = _("%(document)s, revision %(revision)s", document=sheet.code or sop.label, revision=sheet.revision)
    if sheet.effective is None:
        return str(name)
    return str(_("%(document)s, in effect since %(day)s", document=name, day=day(sheet.effective)))


def _field(field: Field, value: Any) -> Content:
    chosen = value if isinstance(value, list) else [value]
    return {
        "label": str(field.label),
        "text": _clean(answer(field, value)),
        "there": value is not None and value is not False and value != "",
        "choices": [{"key": c.key, "label": str(c.label), "chosen": c.key in chosen} for c in field.choices],
    }


def _rows(sop: Sop, records: Records, case: Case, readers: Sequence[Actor]) -> list[dict[str, str]]:
    closed = frozenset[str]().union(*(closed_columns(reader, sop, records.key) for reader in readers))
    return [
        {c.key: _clean(answer(c, None if c.key in closed else getattr(row, c.key))) for c in records.columns}
        for row in getattr(case, records.key)
    ]


def _notes(sop: Sop, case: Case, readers: Sequence[Actor]) -> dict[str, str]:
    steps = (Event.case_id == case.id, Event.action.not_in(COMMENTING))
    events = db.session.scalars(select(Event).where(*steps).order_by(Event.seq))
    return {
        event.action: _clean(event.note)
        for event in events
        if event.note and all(may_read_note(reader, sop, event) for reader in readers)
    }


def _clean(text: str) -> str:
    """Without the control characters that XML 1.0 does not allow and that docxtpl takes for page breaks."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def logo() -> Path | None:
    """The organisation's, where the deployment has one."""
    path = current_app.config["COMPANY_LOGO"]
    return Path(path) if path else None


def typeset(template: Path, **inputs: Content) -> bytes:
    """A PDF of a template, which reads each of ``inputs`` as JSON in ``sys.inputs``."""
    given = {name: json.dumps(content) for name, content in inputs.items()}
    return bytes(
        typst.compile(
            str(template), root=str(template.parent), format="pdf", ignore_system_fonts=True, sys_inputs=given
        )
    )


def _pdf(template: Path, content: Content) -> bytes:
    return typeset(template, case=content | {"logo": _bytes_of(logo())})


def _bytes_of(picture: Path | None) -> list[int]:
    """A picture as data, since a template reads no file outside of its own folder."""
    return list(picture.read_bytes()) if picture else []


def _docx(template: Path, content: Content) -> bytes:
    document = DocxTemplate(template)
    picture = logo()
    shown = InlineImage(document, str(picture), height=Mm(LOGO_HEIGHT)) if picture else ""
    document.render(content | {"logo": shown}, autoescape=True)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


#: The ending of the template and the way to fill it, by the kind of file that comes out.
KINDS: dict[str, tuple[str, Callable[[Path, Content], bytes]]] = {"pdf": ("typ", _pdf), "docx": ("docx", _docx)}
