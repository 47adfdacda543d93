"""The body of a request, parsed: answers, files, note and version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import current_app, request
from flask_babel import gettext as _

from app.services.cases import bulk
from app.services.core import clock
from app.services.core.access import NOTE_OPEN
from app.services.core.errors import FieldError, Malformed, WrongContent
from app.services.core.wording import REASONS
from app.services.documents.documents import Upload, Uploads
from app.workflow.declaration import Field, Transition
from app.workflow.values import InvalidValue, read_boolean

MULTIPART = "multipart/form-data"
#: Longest key that a program may give to a submission.
LONGEST_KEY = 255
#: Digits of an id that every database takes.
LONGEST_ID = 10


@dataclass(frozen=True)
class Body:
    """``values``: answers by field key, as sent; ``version``: of the case as the sender last saw it. ``note_open``:
    everyone who sees the case may read the note."""

    values: Mapping[str, Any]
    uploads: Uploads
    note: str
    version: int | None
    note_open: bool


def submitted(transition: Transition) -> Body:
    """The body of a step. Raises ``Malformed`` or ``WrongContent``."""
    if request.mimetype == MULTIPART:
        raw, uploads = _form(transition), files()
    else:
        raw, uploads = json_object(), {}
    note, version = raw.pop("note", None), raw.pop("version", None)
    # To a step whose note is no secret it is an answer that nobody asks for, and refused as such.
    opened = raw.pop(NOTE_OPEN, None) if transition.confidential_to else None
    return Body(raw, uploads, _note(note), _version(version), _opened(opened))


def many(transition: Transition | None) -> tuple[list[int], bulk.Answers]:
    """The ids of the cases on which a step is done (None: what is done to their claims), and the answers for all of
    them. Raises ``Malformed`` or ``WrongContent``."""
    raw = json_object()
    ids, versions = _ids(raw.pop("ids", None)), raw.pop("versions", None) or {}
    if not isinstance(versions, dict) or not all(key.isascii() and key.isdigit() for key in versions):
        raise Malformed(_("“versions” must have a version by the id of its case."))
    opened = raw.pop(NOTE_OPEN, None) if transition is not None and transition.confidential_to else None
    known = {int(key): number for key, sent in versions.items() if (number := _version(sent)) is not None}
    return ids, bulk.Answers(raw, _note(raw.pop("note", None)), known, _opened(opened))


def _ids(sent: Any) -> list[int]:
    if not isinstance(sent, list) or not all(type(pk) is int for pk in sent):
        raise Malformed(_("“ids” must be a list of ids of cases."))
    return sent


@dataclass(frozen=True)
class Comment:
    """``to``: the roles that read it; None: everybody who sees the case."""

    text: str
    to: Sequence[str] | None
    files: Sequence[Upload]


def commented() -> Comment:
    """The body of a comment. Raises ``Malformed`` or ``WrongContent``."""
    uploads: Mapping[str, Sequence[Upload]] = {}
    if request.mimetype == MULTIPART:
        uploads = files()
        raw: dict[str, Any] = {key: request.form[key] for key in request.form}
        raw |= {"to": _many(request.form.getlist("to"))} if "to" in request.form else {}
    else:
        raw = json_object()
    text, to = raw.get("text"), raw.get("to")
    roles = to is None or (isinstance(to, list) and all(isinstance(role, str) for role in to))
    if set(raw) - {"text", "to"} or set(uploads) - {"files"} or not (roles and isinstance(text, str | None)):
        raise Malformed(_("Send “text”, for some roles alone also “to” with a list of them, and files as “files”."))
    return Comment(text or "", to, uploads.get("files", ()))


def correction() -> tuple[dict[str, Any], str, int | None]:
    """What is corrected by key, the reason, and the version of the case. A field that is called as one of these stands
    in an object of its own, ``fields``."""
    sent = json_object()
    reason, version = sent.pop("reason", None), sent.pop("version", None)
    more = sent.pop("fields", {}) if isinstance(sent.get("fields"), dict) else {}
    return sent | more, _note(reason), _version(version)


def void() -> tuple[str, bool, int | None]:
    """The reason, whether a request is declined, and the version of the case. Raises ``Malformed``."""
    sent = json_object()
    decline = sent.get("decline", False)
    if set(sent) - {"reason", "decline", "version"} or not isinstance(decline, bool):
        raise Malformed(_("Send “reason”, and “decline”: true to decline a request."))
    return _note(sent.get("reason")), decline, _version(sent.get("version"))


def reveal() -> tuple[str, list[str] | None]:
    """The reason for which masked data are asked for, and the keys of the fields (None: all). Raises ``Malformed``."""
    sent = json_object()
    fields = sent.get("fields")
    keys = fields is None or (isinstance(fields, list) and all(isinstance(key, str) for key in fields))
    if set(sent) - {"reason", "fields"} or not keys:
        raise Malformed(_("Send “reason”, and for some fields alone also “fields” with a list of their keys."))
    return _note(sent.get("reason")), fields


def claimed_by() -> tuple[str | None, str]:
    """Who is to have the claim on a case (None: nobody), and the note on it. Raises ``Malformed``."""
    sent = json_object()
    username = sent.get("username")
    if "username" not in sent or set(sent) - {"username", "note"} or not isinstance(username, str | None):
        raise Malformed(_("Send “username”: a user's name, or null to put the case back."))
    return username and username.replace("\x00", ""), _note(sent.get("note"))


def json_object() -> dict[str, Any]:
    """The request's JSON object; no body at all is an empty one."""
    # JSON is read into memory, so it may be no longer than a form without its files.
    most = current_app.config["MAX_FORM_MEMORY_SIZE"]
    request.max_content_length = min(request.max_content_length or most, most)
    if not request.mimetype and not request.get_data():
        return {}
    if not request.is_json:
        raise WrongContent(_("Send JSON, or a form with files as multipart/form-data."))
    try:
        sent = request.get_json()
        # Half a character can be written in JSON, but no database keeps it.
        json.dumps(sent, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError) as error:
        raise Malformed(_("The JSON can't be read.")) from error
    if not isinstance(sent, dict):
        raise Malformed(_("Send a JSON object."))
    return sent


def files() -> dict[str, list[Upload]]:
    """The files of a form by their key; a field in which nothing was chosen has none."""
    _refuse_cut_off()
    found = {
        key: [Upload(f.filename, cast(BinaryIO, f.stream)) for f in request.files.getlist(key) if f.filename]
        for key in request.files
    }
    return {key: uploads for key, uploads in found.items() if uploads}


def replaces() -> int | None:
    """The id of the document whose place the one that was sent takes; None: none's. Raises ``Malformed``."""
    sent = request.form.get("replaces", "")
    if not sent:
        return None
    if not (sent.isascii() and sent.isdigit() and len(sent) < LONGEST_ID):
        raise Malformed(_("“replaces” must be the id of a document."))
    return int(sent)


def submission(actor_id: int | None, sop: str) -> str | None:
    """The id of a submission from its Idempotency-Key, which is the sender's own: nobody gets another's case by it."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return None
    if len(key) > LONGEST_KEY:
        raise Malformed(_("The Idempotency-Key is too long."))
    return hashlib.sha256(f"{actor_id}/{sop}/{key}".encode()).hexdigest()


def _form(transition: Transition) -> dict[str, Any]:
    """A form's answers. Several answers to a list come repeated or as JSON, rows as JSON."""
    _refuse_cut_off()
    raw: dict[str, Any] = {}
    for key in request.form:
        field = transition.field(key)
        raw[key] = _many(request.form.getlist(key)) if field and field.type == "list" else request.form[key]
    return raw


def _many(sent: list[str]) -> Any:
    if len(sent) > 1 or not sent[0].lstrip().startswith(("[", "{")):
        return [item for item in sent if item.strip()]
    try:
        return json.loads(sent[0])
    except (ValueError, RecursionError):
        return sent[0]


def _refuse_cut_off() -> None:
    """Werkzeug gives an empty form for one that ends too early."""
    if request.content_length and not request.form and not request.files:
        raise Malformed(_("The form is empty or was cut off on its way."))


def _note(sent: Any) -> str:
    if sent is not None and not isinstance(sent, str):
        raise Malformed(_("The note must be a text."))
    return (sent or "").replace("\x00", "").strip()


def _opened(sent: Any) -> bool:
    try:
        return sent is not None and bool(read_boolean(Field(NOTE_OPEN, "", "boolean"), sent, clock.zone()))
    except InvalidValue as error:
        message = f"{NOTE_OPEN}: {REASONS[error.reason]}"
        raise Malformed(message, [FieldError("invalid", NOTE_OPEN, message)]) from error


def _version(sent: Any) -> int | None:
    if sent is None or sent == "":
        return None
    if isinstance(sent, str) and sent.isascii() and sent.isdigit() and len(sent) < 10:
        return int(sent)
    if isinstance(sent, bool) or not isinstance(sent, int):
        raise Malformed(_("The version must be a whole number."))
    return sent
