"""Files that were chosen for a step that is not done yet: kept aside, for whom and for what they were chosen.

What is kept is no document: nobody sees it, no list counts it. A signed ticket in the form that it was chosen in names
it; the step takes it, with the checks of any file, and what no step takes the sweep of orphans removes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from app.services.core.access import Actor
from app.services.core.errors import FieldError, Forbidden, NotVisible, Refused
from app.services.documents import storage
from app.services.documents.documents import Incoming, Upload, Uploads, accept, all_of
from app.workflow.declaration import Sop, Transition

#: Files that one form can keep.
MOST = 200
#: The part of an orphan's life for which a ticket holds: the sweep must never meet a file that a step is just taking.
PART = 0.5


@dataclass(frozen=True)
class Place:
    """What a file is chosen for: by whom, in which step of which case (None: about to be created)."""

    actor: Actor
    sop: Sop
    step: Transition
    case: int | None = None

    @property
    def name(self) -> list[Any]:
        return [self.actor.id, self.sop.key, self.case, self.step.key]

    @property
    def open(self) -> bool:
        """Whether the user's role does the step at all."""
        return bool(self.actor.roles & set(self.step.by))


@dataclass(frozen=True)
class Kept:
    """A file that is kept aside, with the ticket that names it."""

    ticket: str
    incoming: Incoming

    @property
    def kind(self) -> str:
        return self.incoming.type

    @property
    def filename(self) -> str:
        return self.incoming.filename

    @property
    def size(self) -> int:
        """In bytes."""
        return self.incoming.taken.size


def keep(place: Place, kind: str, upload: Upload) -> Kept:
    """Takes a file in and keeps it aside. Raises ``NotVisible``, ``Forbidden``, and what a wrong file is refused
    with."""
    if not place.open:
        raise Forbidden(_("Your role may not add this document."))
    if kind not in place.step.accepts:
        raise NotVisible(_("This SOP has no such document."))
    incoming = accept(place.sop.document_by_key[kind], upload)
    said = {"place": place.name, "type": incoming.type, "filename": incoming.filename,
            "content_type": incoming.content_type, "warnings": incoming.warnings, "scanned": incoming.scanned,
            "taken": {**asdict(incoming.taken), "head": ""}}  # fmt: skip
    return Kept(str(_tickets().dumps(said)), _staged(said))


def keep_all(place: Place, chosen: Mapping[str, Sequence[Upload]]) -> tuple[list[Kept], Refused | None]:
    """Keeps every file that is right, and tells of those that are wrong."""
    kept: list[Kept] = []
    refused: list[tuple[FieldError, Refused]] = []
    for kind, files in chosen.items():
        for upload in files:
            try:
                kept.append(keep(place, kind, upload))
            except Refused as refusal:
                refused.append((FieldError("document", kind, refusal.message), refusal))
    return kept, all_of(refused) if refused else None


def known(place: Place, tickets: Sequence[str]) -> list[Kept]:
    """What the tickets of a form name, the oldest first. Of a kind of which one version counts, the last chosen one; a
    ticket that was given for something else names nothing."""
    found: dict[Any, Kept] = {}
    for ticket in list(dict.fromkeys(tickets))[-MOST:]:
        one = _read(place, ticket)
        if one is not None:
            several = place.sop.document_by_key[one.kind].several
            found[one.ticket if several else one.kind] = one
    return list(found.values())


def there(kept: Sequence[Kept]) -> list[Kept]:
    """Those that have not been swept away or become documents."""
    return [one for one in kept if one.incoming.taken.key and storage.there(one.incoming.taken.key)]


def uploads(place: Place, kept: Sequence[Kept]) -> Uploads:
    """As the step takes them, in the order of its declaration, however they were chosen."""
    kinds = [kind for kind in place.step.accepts if any(one.kind == kind for one in kept)]
    return {kind: [one.incoming for one in kept if one.kind == kind] for kind in kinds}


def _read(place: Place, ticket: str) -> Kept | None:
    said = _said(ticket)
    fits = said is not None and said["place"] == place.name and said["type"] in place.step.accepts
    return Kept(ticket, _staged(said)) if said is not None and fits else None


def _said(ticket: str) -> Any:
    """What a ticket says; one that is too old says it as well, without the key of the file."""
    hours = current_app.config["ORPHAN_AGE_HOURS"]
    try:
        return _tickets().loads(ticket, max_age=int(hours * 3600 * PART))
    except SignatureExpired as error:
        said = _tickets().load_payload(error.payload) if error.payload else None
        return said and {**said, "taken": {**said["taken"], "key": ""}}
    except BadData:
        return None


def _staged(said: Any) -> Incoming:
    taken = storage.Taken(**{**said["taken"], "head": b""})
    found = {"warnings": tuple(said.get("warnings", ())), "scanned": said.get("scanned", "")}
    return Incoming(said["type"], said["filename"], said["content_type"], taken, staged=True, **found)


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="staged files")
