"""Everything about somebody in one archive: JSON for programs, pages for people, and the files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Customer, Document, Event, IncomingMail, OutgoingMail, PrivacyRequest
from app.services.cases.creation import plain
from app.services.cases.facts import documents_of, events_of
from app.services.core import clock, masking
from app.services.core.access import Actor, visible_cases
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict
from app.services.core.formatting import answer, moment
from app.services.core.wording import action_label
from app.services.documents import storage
from app.services.mail import archive
from app.services.privacy import requests
from app.services.privacy.matching import customers_of
from app.sop import sop_of
from app.workflow.declaration import Field, Sop

#: Kept in memory up to so many bytes, then on the disk.
IN_MEMORY = 8 << 20
CUSTOMER = ("code", "name", "phone", "email", "product", "bill", "due_date", "application_status")


def export(actor: Actor, pk: int) -> tuple[str, BinaryIO]:
    """The name of the archive and the archive. Raises ``Conflict`` before anybody has determined the cases."""
    row = requests.one(actor, pk)
    if row.cases is None:
        raise Conflict(_("Please determine first which cases are about the person."))
    made: Any = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 – who sends it closes it
    told = _told(actor, row)
    wanted = _files(told)
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=2))
        packed.writestr("data.html", _page(row, told))
        files = sum(_packed(packed, name, key, size) for name, key, size in wanted)
    made.seek(0)
    numbers = [one["number"] for one in told["cases"]]
    with write_transaction() as session:
        requests.note(session, requests.one(actor, pk), actor, "exported", cases=numbers, files=files)
    return f"{row.number}.zip", made


def _told(actor: Actor, row: PrivacyRequest) -> dict[str, Any]:
    query = select(Case.id).where(Case.id.in_(row.cases or []), visible_cases(actor)).order_by(Case.id)
    ids = list(db.session.scalars(query))
    cases = {case.id: case for case in db.session.scalars(select(Case).where(Case.id.in_(ids))).unique()}
    documents, events = documents_of(ids), events_of(ids)
    return {
        "request": row.number,
        "controller": current_app.config["COMPANY_NAME"] or current_app.config["APP_NAME"],
        "made_at": clock.now().isoformat(),
        "person": {key: getattr(row, key) for key in ("name", *requests.IDENTIFIERS)},
        "customers": [_customer(one) for one in customers_of(row)],
        "cases": [_case(cases[pk], documents[pk], events[pk]) for pk in ids],
        "cases_not_included": len(requests.unseen(actor, row)),
    }


def _customer(row: Customer) -> dict[str, Any]:
    return {key: plain(getattr(row, key)) for key in CUSTOMER}


def _case(case: Any, documents: Sequence[Document], events: Sequence[Event]) -> dict[str, Any]:
    sop = sop_of(case)
    return {
        "number": case.number, "procedure": str(sop.label), "state": str(sop.state(case.state).label),
        "created_at": case.created_at.isoformat(), "closed_at": plain(case.closed_at),
        "fields": [_value(field, getattr(case, key)) for key, field in sop.fields.items() if _there(case, key)],
        "records": [
            {"label": str(kind.label), "recorded_at": plain(one.recorded_at),
             "fields": [_value(c, getattr(one, c.key)) for c in kind.columns if _there(one, c.key)]}
            for kind in sop.records_by_key.values() for one in getattr(case, kind.key)
        ],
        "history": [_event(sop, one) for one in events],
        "documents": [_document(sop, case, one) for one in documents],
        "mails_in": [_incoming(case, one) for one in _mails(IncomingMail, case.id)],
        "mails_out": [_outgoing(one) for one in _mails(OutgoingMail, case.id) if not one.internal],
    }  # fmt: skip


def _there(row: Any, key: str) -> bool:
    return getattr(row, key, None) not in (None, "", [])


def _value(field: Field, value: Any) -> dict[str, Any]:
    return {"key": field.key, "label": str(field.label), "value": plain(value), "words": str(answer(field, value))}


def _event(sop: Sop, event: Event) -> dict[str, Any]:
    """Colleagues are persons too: by their initials."""
    withdrawn = getattr(event, "withdrawn", None) is not None
    return {
        "at": event.at.isoformat(), "action": action_label(sop, event.action), "by": masking.mask(event.actor_name),
        "note": None if withdrawn else event.note, "changes": event.changes or {},
    }  # fmt: skip


def _document(sop: Sop, case: Case, document: Document) -> dict[str, Any]:
    kind = sop.document_by_key.get(document.type)
    there = document.purged_at is None
    return {
        "kind": str(kind.label) if kind else document.type, "version": document.version,
        "filename": document.filename, "uploaded_at": document.uploaded_at.isoformat(), "sha256": document.sha256,
        "file": _path(case, f"{document.id}-{document.filename or document.type}") if there else None,
        "_key": document.storage_key if there else None, "_size": document.size,
    }  # fmt: skip


def _incoming(case: Case, mail: IncomingMail) -> dict[str, Any]:
    return {
        "received_at": mail.received_at.isoformat(), "sender": mail.sender, "sender_name": mail.sender_name,
        "subject": mail.subject, "text": mail.text,
        "file": _path(case, f"mail-{mail.id}.eml") if mail.storage_key else None, "_mail": mail.id,
    }  # fmt: skip


def _outgoing(mail: OutgoingMail) -> dict[str, Any]:
    return {
        "written_at": mail.written_at.isoformat(), "sent_at": plain(mail.sent_at), "recipient": mail.recipient,
        "subject": mail.subject, "text": mail.text,
    }  # fmt: skip


def _mails(model: Any, case_id: int) -> list[Any]:
    return list(db.session.scalars(select(model).where(model.case_id == case_id).order_by(model.id)))


def _path(case: Case, name: str) -> str:
    """Where a file lies in the archive: no name of ours or of anybody's leads out of it."""
    clean = "".join(c if c.isalnum() or c in ".-_ " else "_" for c in PurePath(name.replace("\\", "/")).name)
    return f"files/{case.number}/{clean.strip('. ') or 'file'}"


def _files(told: dict[str, Any]) -> list[tuple[str, Any, int]]:
    """Path in the archive, where it is stored (a mail by itself), and size; and takes out what is ours alone."""
    found = []
    for case in told["cases"]:
        for document in case["documents"]:
            key, size = document.pop("_key"), document.pop("_size")
            if key:
                found.append((document["file"], key, size))
        for mail in case["mails_in"]:
            row = db.session.get(IncomingMail, mail.pop("_mail"))
            if mail["file"] and row is not None:
                found.append((mail["file"], row, 0))
    return found


def _packed(packed: ZipFile, name: str, stored: Any, size: int) -> bool:
    """A file that is not in the storage any more is left out, and said so."""
    try:
        with packed.open(name, "w") as target:
            for chunk in _chunks(stored, size):
                target.write(chunk)
    except FileNotFoundError:
        packed.writestr(f"{name}.txt", str(_("This file is not in the storage.")))
        return False
    return True


def _chunks(stored: Any, size: int) -> Iterator[bytes]:
    return archive.read(stored) if isinstance(stored, IncomingMail) else storage.read(stored, 0, size)


def _page(row: PrivacyRequest, told: dict[str, Any]) -> str:
    """For people: no script, nothing from elsewhere."""
    template = current_app.jinja_env.get_template("panel/privacy/export.html")
    return template.render(row=row, told=told, moment=moment)
