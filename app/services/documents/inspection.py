"""What is looked for in a file before it is taken: viruses, and what could act by itself (``active.py``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.models import INFECTED, Document
from app.services.audit import log
from app.services.core.access import SYSTEM, Actor
from app.services.core.database import in_write_transaction, write_transaction
from app.services.core.errors import Unavailable, WrongContent
from app.services.documents import active, antivirus, storage
from app.services.documents.antivirus import Away, Infected

#: Of ``Document.scanned``, besides ``INFECTED``: nobody looked, nothing was found, clamd was away.
UNSEEN, CLEAN, WAITING = "", "clean", "waiting"
#: Beside the document, as what could act by itself is.
STATES = {WAITING: _l("not yet checked for viruses"), INFECTED: _l("infected; nobody can open it")}
#: Larger files are not looked into but asked of clamd alone, bytes.
LARGEST = 64 << 20
#: Documents that one run asks clamd for.
AT_ONCE = 200


@dataclass(frozen=True)
class Findings:
    """``active``: keys of ``active.LABELS``; ``scanned``: what clamd had to say."""

    active: tuple[str, ...]
    scanned: str


def inspected(filename: str, content_type: str, taken: storage.Taken) -> Findings:
    """Raises ``Infected``, ``WrongContent`` for what the settings do not take, and ``Unavailable`` where they want
    clamd to look and it is away."""
    if not in_write_transaction():
        db.session.rollback()  # nobody waits while the file is looked at
    scanned = _scanned(filename, taken)
    found = _active(content_type, taken)
    if found and current_app.config["REFUSE_ACTIVE_CONTENT"]:
        why = ", ".join(str(active.LABELS[key]) for key in found)
        message = _(
            "%(name)s %(why)s. Such files are not accepted here: please hand it in without, for instance printed into "
            "a new PDF.",
            name=filename, why=why,
        )  # fmt: skip
        log.record_now(_whoever(), "file.refused", ("file", taken.sha256, filename), found=list(found))
        raise WrongContent(message)
    return Findings(found, scanned)


def warnings(document: Document) -> list[tuple[str, Any]]:
    """What is to be read beside a document: a key and its words for each."""
    known = active.LABELS | STATES
    keys = (*(document.warnings or ()), *([document.scanned] if document.scanned in STATES else ()))
    return [(key, known[key]) for key in keys if key in known]


def scan_waiting() -> None:
    """Asks clamd for the documents that were taken while it was away; one that is infected nobody can open any more."""
    where = current_app.config["CLAMD_SOCKET"]
    wanted = select(Document.id, Document.storage_key, Document.size).where(
        Document.scanned == WAITING, Document.purged_at.is_(None)
    )
    rows = db.session.execute(wanted.order_by(Document.id).limit(AT_ONCE)).tuples().all() if where else []
    db.session.rollback()
    for pk, key, size in rows:
        try:
            virus = antivirus.virus_in(where, storage.read(key, 0, size))
        except Away as away:
            current_app.logger.warning("clamd can't be asked: %s", away)
            return
        except FileNotFoundError:
            continue
        _note(pk, virus)


def _note(pk: int, virus: str) -> None:
    with write_transaction() as session:
        document = session.get(Document, pk)
        if document is None:
            return
        document.scanned = INFECTED if virus else CLEAN
        if virus:
            log.record(SYSTEM, "file.infected", ("document", pk, document.filename), virus=virus, case=document.case_id)


def _active(content_type: str, taken: storage.Taken) -> tuple[str, ...]:
    if not active.examined(content_type):
        return ()
    if taken.size > LARGEST:
        return (active.CLOSED,)
    return active.found_in(content_type, b"".join(storage.read(taken.key, 0, taken.size)))


def _scanned(filename: str, taken: storage.Taken) -> str:
    where = current_app.config["CLAMD_SOCKET"]
    if not where:
        return UNSEEN
    try:
        virus = antivirus.virus_in(where, storage.read(taken.key, 0, taken.size))
    except Away as away:
        current_app.logger.warning("clamd can't be asked: %s", away)
        if current_app.config["CLAMD_AWAY"] == "refuse":
            message = _("Files can't be checked for viruses at the moment, so none are taken. Please try again later.")
            raise Unavailable(message) from away
        return WAITING
    if not virus:
        return CLEAN
    log.record_now(_whoever(), "file.infected", ("file", taken.sha256, filename), virus=virus)
    raise Infected(_("%(name)s is infected (%(virus)s), so it is not taken.", name=filename, virus=virus), virus)


def _whoever() -> Actor:
    """Who sent the file; the system, where a job has found it in a mail."""
    actor: Actor | None = g.get("actor")
    return actor or SYSTEM
