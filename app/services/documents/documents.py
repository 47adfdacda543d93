"""Documents of a case: upload, checks, versions, checklist, sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePath
from typing import Any, BinaryIO

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import COMMENT_FILE, INFECTED, Case, Document
from app.services.core import clock, history, locking
from app.services.core.access import Actor, opens, visible_or_404
from app.services.core.database import write_transaction
from app.services.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    NotVisible,
    Refused,
    ValidationFailed,
    WrongContent,
    refuse_void,
)
from app.services.core.opening import may_open
from app.services.documents import storage
from app.services.documents.inspection import inspected
from app.services.documents.sniff import claims_falsely, endings, fits_name, sniff
from app.sop import sop_of
from app.workflow import file_names
from app.workflow.content_types import GROUPS
from app.workflow.declaration import DocumentType as Kind
from app.workflow.declaration import Sop, Transition

#: A comment brings whatever any document may be.
OF_COMMENTS = Kind(COMMENT_FILE, _l("File of a comment"), tuple(dict.fromkeys(t for g in GROUPS.values() for t in g)))


@dataclass(frozen=True)
class Upload:
    """A file as it comes from a form: its name as the user's computer calls it, and its bytes."""

    filename: str
    stream: BinaryIO


@dataclass(frozen=True)
class Incoming:
    """An upload that was taken in and found acceptable, not yet anybody's document. ``replaces``: the id of the one
    whose place it is to take. ``staged``: it was taken in before (``staging.py``), and is still wanted when nothing
    comes of it now. ``warnings``, ``scanned``: what was found in it."""

    type: str
    filename: str
    content_type: str
    taken: storage.Taken
    replaces: int | None = None
    staged: bool = False
    warnings: tuple[str, ...] = ()
    scanned: str = ""


@dataclass(frozen=True)
class Item:
    """A line of the checklist: a kind of document, its versions (newest first), whether a revision requests it, and
    which versions the reader may open (ids)."""

    kind: Kind
    versions: tuple[Document, ...]
    requested: bool
    openable: frozenset[int]


Uploads = Mapping[str, Sequence[Upload | Incoming]]


@contextmanager
def taken_in(sop: Sop, uploads: Uploads) -> Iterator[list[Incoming]]:
    """Takes files in for the time of a transaction; whatever did not become a document is removed at the end. What was
    staged stays where it is unless the transaction has gone well.

    Raises the refusal of a single wrong file, or one that lists them all.
    """
    incoming: list[Incoming] = []
    refused: list[tuple[FieldError, Refused]] = []
    try:
        for key, files in uploads.items():
            for upload in files:
                try:
                    incoming.append(upload if isinstance(upload, Incoming) else accept(_kind(sop, key), upload))
                except Refused as refusal:
                    refused.append((FieldError("document", key, refusal.message), refusal))
        if refused:
            raise all_of(refused)
        yield incoming
        for item in incoming:
            storage.forget_if_there(item.taken.key)
    except BaseException:
        for item in incoming:
            if not item.staged:
                storage.forget(item.taken.key)
        raise


def all_of(refused: Sequence[tuple[FieldError, Refused]]) -> Refused:
    """One refusal for several files, of the kind of the first."""
    errors = [error for error, _refusal in refused]
    return type(refused[0][1])(" ".join(dict.fromkeys(error.message for error in errors)), errors)


def _kind(sop: Sop, key: str) -> Kind:
    return OF_COMMENTS if key == COMMENT_FILE else sop.document_by_key[key]


def accept(kind: Kind, upload: Upload) -> Incoming:
    """Takes a file in under a temporary key. Raises ``TooLarge``, ``WrongContent``, ``Infected``, ``Unavailable``."""
    filename = file_names.clean(upload.filename, kind.key)
    taken = storage.take_in(upload.stream, kind.max_bytes or current_app.config["UPLOAD_MAX_BYTES"])
    try:
        content_type = _checked(kind, filename, taken)
        found = inspected(filename, content_type, taken)
    except BaseException:
        storage.forget(taken.key)
        raise
    return Incoming(kind.key, filename, content_type, taken, warnings=found.active, scanned=found.scanned)


def _checked(kind: Kind, filename: str, taken: storage.Taken) -> str:
    if not taken.size:
        raise WrongContent(_("The file %(name)s is empty.", name=filename))
    if truth := claims_falsely(taken.head, filename):
        raise WrongContent(
            _("The content of %(name)s is %(found)s, not %(claimed)s (accepted: %(endings)s).",
              name=filename, found=_in_words(truth), claimed=PurePath(filename).suffix.lower().removeprefix("."),
              endings=", ".join(endings(kind.accept)))
        )  # fmt: skip
    content_type = sniff(taken.head, filename)
    if content_type is None or content_type not in kind.accept or not fits_name(content_type, filename):
        raise WrongContent(
            _("%(name)s is not of a type that is accepted for %(document)s (accepted: %(endings)s).",
              name=filename, document=kind.label, endings=", ".join(endings(kind.accept)))
        )  # fmt: skip
    return content_type


def _in_words(content_type: str) -> str:
    """A content type as people call it: text, else by the ending of its files."""
    if content_type == "text/plain":
        return str(_("text"))
    known = endings([content_type])
    return known[0].removeprefix(".") if known else content_type


def attach(session: Session, case: Case, actor: Actor, incoming: Sequence[Incoming], at: Any) -> list[Document]:
    """Makes versions of documents out of what was taken in, inside the caller's transaction. The file moves to its
    final key before the row commits: a crash in between leaves a file without a row, never a row without a file."""
    added = []
    for item in incoming:
        newest = session.scalar(
            select(func.max(Document.version)).where(Document.case_id == case.id, Document.type == item.type)
        )
        document = Document(
            case_id=case.id, type=item.type, version=(newest or 0) + 1, round=case.round, filename=item.filename,
            content_type=item.content_type, size=item.taken.size, sha256=item.taken.sha256,
            storage_key=_kept(item), uploader_id=actor.id, uploader_name=actor.name, uploaded_at=at,
            replaces_id=item.replaces, warnings=list(item.warnings), scanned=item.scanned,
        )  # fmt: skip
        session.add(document)
        session.flush()
        added.append(document)
    return added


def _kept(item: Incoming) -> str:
    try:
        return storage.keep(item.taken.key, leave=item.staged)
    except FileNotFoundError as error:
        message = str(_("The file %(name)s is kept no longer; please choose it again.", name=item.filename))
        raise ValidationFailed(message, [FieldError("document", item.type, message)]) from error


def versions(case: Case) -> list[Document]:
    """Every document of a case, oldest first."""
    return list(db.session.scalars(select(Document).where(Document.case_id == case.id).order_by(Document.id)))


def same_again(sop: Sop, case: Case, incoming: Sequence[Incoming], *, came_with: bool = False) -> list[FieldError]:
    """A sentence for each file that is, byte for byte, one that counts in this round: it would replace it by itself.
    ``came_with``: or one with which the case came into its state, which a revision is to replace."""
    mine = [d for d in versions(case) if d.round == case.round] if incoming else []
    before = in_force(sop, [d for d in mine if d.uploaded_at <= case.state_since]) if came_with else {}
    counting = (d for found in (before, in_force(sop, mine)) for many in found.values() for d in many)
    known = {(d.type, d.sha256): d.version for d in counting}
    return [
        FieldError("document", one.type, _same_file(sop.document_by_key[one.type], known[one.type, one.taken.sha256]))
        for one in incoming
        if (one.type, one.taken.sha256) in known
    ]


def _same_file(kind: Kind, version: int) -> str:
    if kind.several:
        return str(_("%(document)s: this is the same file as file %(number)s.", document=kind.label, number=version))
    message = _("%(document)s: this is the same file as version %(version)s; a revision must differ.",
                document=kind.label, version=version)  # fmt: skip
    return str(message)


def in_force(sop: Sop, documents: Sequence[Document]) -> dict[str, list[Document]]:
    """Those that count by type, of documents that come oldest first: the newest version, or every file that none has
    replaced where several of a kind are files of their own."""
    replaced = {document.replaces_id for document in documents}
    found: dict[str, list[Document]] = {}
    for document in documents:
        kind = sop.document_by_key.get(document.type)
        if kind is None or not kind.several:
            found[document.type] = [document]
        elif document.id not in replaced:
            found.setdefault(document.type, []).append(document)
    return found


def checklist(actor: Actor, case: Case, documents: Sequence[Document]) -> list[Item]:
    """A line per kind of document of the SOP, in its order; then those of another revision of which there are some."""
    sop = sop_of(case)
    items = []
    for kind in sop.document_by_key.values():
        mine = tuple(d for d in reversed(documents) if d.type == kind.key)
        if kind not in sop.documents and not mine:
            continue
        openable = frozenset(d.id for d in mine if may_open(actor, sop, d))
        items.append(Item(kind, mine, kind.key in case.requested_documents, openable))
    return items


def worked_from(sop: Sop, step: Transition, found: Sequence[Document]) -> list[Document]:
    """The versions that ``step`` works from: the newest."""
    counting = in_force(sop, found)
    return [document for key in step.works_from for document in counting.get(key, ())]


def uploadable(actor: Actor, sop: Sop, state: str) -> frozenset[str]:
    """Types that ``actor`` may add in ``state``: those of the steps that are open to their roles, without what is under
    decision, which is replaced by a step alone."""
    return _taken_by_steps(actor, sop, state) - _under_decision(sop, state)


def _taken_by_steps(actor: Actor, sop: Sop, state: str) -> frozenset[str]:
    return frozenset(
        key
        for transition in sop.transitions
        if state in transition.source and actor.roles & set(transition.by)
        for key in transition.accepts
    )


def _under_decision(sop: Sop, state: str) -> frozenset[str]:
    """The types that a step possible in ``state`` decides on."""
    return frozenset(key for step in sop.transitions if state in step.source for key in step.decides_on)


def decided_on(sop: Sop, step: Transition, case: Case, found: Sequence[Document]) -> list[Document]:
    """The versions that ``step`` decides on, of the documents of the case (oldest first): the newest of this round."""
    counting = in_force(sop, [d for d in found if d.round == case.round])
    return [document for key in step.decides_on for document in counting.get(key, ())]


def upload(
    actor: Actor, sop_key: str, pk: int, kind: str, file: Upload, replaces: int | None = None
) -> Document:  # fmt: skip
    """Adds a document to the checklist, ahead of the step that needs it: a version, or a file of its own where there
    are several of its kind. ``replaces``: the id of the one whose place it takes. Raises ``ValidationFailed`` when it
    is one of this round once more, ``Conflict`` when the one to be replaced does not count any more."""
    case = visible_or_404(actor, sop_key, pk)
    sop = sop_of(case)
    _may_add(actor, sop, case, kind)
    with taken_in(sop, {kind: [file]}) as incoming, write_transaction() as session:
        case = locking.locked(session, actor, sop_key, pk)
        _may_add(actor, sop, case, kind)
        if again := same_again(sop, case, incoming):
            raise ValidationFailed(again[0].message, again)
        if replaces is not None:
            _replaceable_or_refused(sop, case, kind, replaces)
            incoming = [replace(one, replaces=replaces) for one in incoming]
        at = clock.now()
        [document] = attach(session, case, actor, incoming, at)
        history.append(session, case, actor, "upload", at, from_state=case.state, documents=[document])
    return document


def _replaceable_or_refused(sop: Sop, case: Case, kind: str, replaces: int) -> None:
    mine = in_force(sop, [d for d in versions(case) if d.round == case.round])
    if replaces not in {document.id for document in mine.get(kind, ())}:
        raise Conflict(_("The file that is to be replaced is not one of this round, or was replaced already."))


def _may_add(actor: Actor, sop: Sop, case: Case, kind: str) -> None:
    if kind not in sop.document_by_key:
        raise NotVisible(_("This SOP has no such document."))
    refuse_void(case)
    if kind in uploadable(actor, sop, case.state):
        return
    if kind in _taken_by_steps(actor, sop, case.state):
        raise Conflict(_by_step_alone(sop, case.state, kind))
    if any(actor.roles & set(t.by) and kind in t.accepts for t in sop.transitions):
        raise Conflict(_("This document can't be added in the present state of the case."))
    raise Forbidden(_("Your role may not add this document."))


def _by_step_alone(sop: Sop, state: str, kind: str) -> str:
    steps = [f"“{t.label}”" for t in sop.transitions if state in t.source and kind in t.accepts]
    return str(
        _("%(document)s is being decided on; a new version comes only by the step %(steps)s.",
          document=sop.document_by_key[kind].label, steps=_(" or ").join(dict.fromkeys(steps)))
    )  # fmt: skip


def openable_or_refused(actor: Actor, sop_key: str, pk: int, document_id: int) -> Document:
    """The document, for somebody who may open it. Raises ``NotVisible`` or ``Forbidden``."""
    case = visible_or_404(actor, sop_key, pk)
    document: Document | None = db.session.get(Document, document_id) if 0 < document_id < 2**31 else None
    if document is None or document.case_id != case.id:
        raise NotVisible(_("There is no such document."))
    if document.purged_at is not None:
        raise NotVisible(_("This document was removed when its retention had ended."))
    if document.scanned == INFECTED:
        raise Forbidden(_("A virus was found in this file after it was handed in, so nobody can open it."))
    if not opens(actor, sop_of(case), document):
        if document.type == COMMENT_FILE:  # who may not read the comment does not learn that there is one
            raise NotVisible(_("There is no such document."))
        raise Forbidden(_("This document is confidential."))
    if not may_open(actor, sop_of(case), document):
        raise Forbidden(_("The personal data of this case are masked for your role, so its files are closed as well."))
    return document


def sweep(age: timedelta) -> int:
    """Removes files without a row that are older than ``age``; returns how many."""
    known = set(db.session.scalars(select(Document.storage_key).where(Document.purged_at.is_(None))))
    orphans = [
        key
        for prefix in (storage.INCOMING, storage.KEPT)
        for key in storage.older_than(prefix, age)
        if key not in known
    ]
    for key in orphans:
        storage.forget(key)
    return len(orphans)
