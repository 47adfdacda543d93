"""Reads the source of a mail. Whatever stands in it, a ``Mail`` comes out, if only with the reason why it is not
trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import Any

from app.services.mail import headers
from app.services.mail.attached import (
    ENCRYPTED,
    MOST_FILES,
    SIGNATURES,
    WINMAIL,
    Attachment,
    attachment_of,
    forwarded,
    unwrapped,
)
from app.services.mail.bodies import text_of_part
from app.services.mail.bounces import Bounce, bounce_of
from app.services.mail.kinds import Kind, kind_of
from app.services.mail.quoting import without_quotes
from app.services.mail.structure import Untrusted, head_of, parts_of

LONGEST_SUBJECT = 500


@dataclass(frozen=True)
class Mail:
    """``references``: ids of the mails that it answers, the nearest first. ``text``: all that it says; ``reply``: the
    same without what is quoted. ``trouble``: why it is not trusted, a key of ``wording.REASONS``, with ``detail``."""

    message_id: str
    references: tuple[str, ...]
    sender: str
    sender_name: str
    subject: str
    written_at: datetime | None
    kind: Kind
    text: str = ""
    reply: str = ""
    attachments: tuple[Attachment, ...] = ()
    bounce: Bounce | None = None
    trouble: str = ""
    detail: str = ""


@dataclass
class _Content:
    texts: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def parse(raw: bytes) -> Mail:
    head = head_of(raw)
    sender, name = headers.sender_of(head)
    subject = headers.one_line(headers.text_of(headers.raw_value(head, "subject")), LONGEST_SUBJECT)
    kind = kind_of(head)
    common: dict[str, Any] = {
        "message_id": headers.message_id(head, raw), "references": headers.references(head), "sender": sender,
        "sender_name": name, "subject": subject, "written_at": headers.written_at(head), "kind": kind,
    }  # fmt: skip
    try:
        return Mail(**common, **_read(raw, head, kind))
    except Untrusted as doubt:
        return Mail(**common, trouble=doubt.reason, detail=doubt.detail)
    except Exception as error:  # what breaks the standard library's parser is not trusted, whatever it is
        return Mail(**common, trouble="unreadable", detail=type(error).__name__)


def _read(raw: bytes, head: Message[Any, Any], kind: Kind) -> dict[str, Any]:
    if headers.is_injected(head) or len(headers.raw_value(head, "subject")) > headers.LONGEST_SUBJECT:
        raise Untrusted("headers")
    whole = parts_of(raw)
    if kind == "bounce":
        return {"bounce": bounce_of(whole)}
    if not headers.sender_of(head)[0]:
        raise Untrusted("no_sender")
    content = _Content()
    _collect(whole, content)
    text = "\n\n".join(filter(None, content.texts))
    kept = tuple(content.attachments[:MOST_FILES])
    return {"text": text, "reply": without_quotes(text), "attachments": kept}


def _collect(part: Message[Any, Any], found: _Content) -> None:
    """Adds what ``part`` says and brings; its depth is bounded by the number of parts."""
    kind = part.get_content_type()
    if kind in ENCRYPTED:
        raise Untrusted("encrypted")
    if kind == "multipart/alternative":
        _collect_best(_children(part), found)
    elif part.get_content_maintype() == "multipart" and part.is_multipart():
        for child in _children(part):
            _collect(child, found)
    elif kind == "message/rfc822":
        found.attachments += filter(None, [forwarded(part)])
    elif kind in WINMAIL or part.get_filename() == "winmail.dat":
        text, files = unwrapped(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
        found.texts += [] if any(found.texts) else [text]
        found.attachments += files
    elif kind.startswith("multipart/") or (kind in ("text/plain", "text/html") and not _is_file(part)):
        found.texts.append(text_of_part(part))
    elif kind not in SIGNATURES:
        found.attachments += filter(None, [attachment_of(part)])


def _collect_best(versions: list[Message[Any, Any]], found: _Content) -> None:
    """Of several versions of one text the plain one, where it says anything; the files of all."""
    texts: list[tuple[bool, str]] = []
    for one in versions:
        own = _Content()
        _collect(one, own)
        found.attachments += own.attachments
        texts.append((one.get_content_type() == "text/plain", "\n\n".join(filter(None, own.texts))))
    said = [(plain, text) for plain, text in texts if text]
    found.texts += [text for plain, text in sorted(said, key=lambda one: not one[0])][:1]


def _children(part: Message[Any, Any]) -> list[Message[Any, Any]]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _is_file(part: Message[Any, Any]) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())
