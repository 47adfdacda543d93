"""Makes a mail out of a row of the outbox: text and HTML, the files that go with it, its place in the conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Document, OutgoingMail
from app.services.documents import storage
from app.services.notices.channels.email import Attachment, Mail, domain, sender_name, too_large

#: With what the line of a list begins.
BULLET = "• "
#: Bytes on the wire for three bytes of a file (base64).
OF_THREE = 4


class Undeliverable(Exception):
    """The mail can never go out; says why, in the deployment's language."""


@dataclass(frozen=True)
class Block:
    """A paragraph, the heading of a list, or a list of ``lines``."""

    lines: tuple[str, ...]
    listed: bool
    heads: bool = False


def mail_of(session: Session, row: OutgoingMail) -> Mail:
    """The mail as it is handed to the channel. ``row`` has its ``message_id``. Raises ``Undeliverable``."""
    language = row.language or current_app.config["BABEL_DEFAULT_LOCALE"]
    sender = current_app.config["COMPANY_NAME"] or sender_name() or current_app.config["APP_NAME"]
    values = {"subject": row.subject, "text": row.text, "blocks": list(blocks(row.text)), "language": language,
              "sender": sender}  # fmt: skip
    pages = current_app.jinja_env
    with force_locale(language):
        text, html = (pages.get_template(f"mail/mail.{kind}").render(values) for kind in ("txt", "html"))
    beginning = beginning_of(row.case_id)
    earlier = [one for one in (beginning, *row.references.split(), row.in_reply_to) if one]
    return Mail(
        recipient=row.recipient, subject=row.subject, text=text, html=html, message_id=row.message_id or "",
        written_at=row.written_at, in_reply_to=row.in_reply_to or beginning,
        references=tuple(dict.fromkeys(earlier)), language=language, attachments=list(_attachments(session, row)),
    )  # fmt: skip


def beginning_of(case_id: int | None) -> str:
    """The id to which all mails of a case refer, so that mail programs show them as one conversation. No mail has it
    itself, and since it can be guessed, it says nothing of whoever refers to it."""
    return "" if case_id is None else f"<case.{case_id}@{domain()}>"


def blocks(text: str) -> Iterator[Block]:
    """The parts of a text: blank lines part them, and lists from what stands above them."""
    for part in text.replace("\r\n", "\n").split("\n\n"):
        above: list[str] = []
        items: list[str] = []
        for line in filter(None, map(str.rstrip, part.split("\n"))):
            if line.startswith(BULLET):
                items.append(line.removeprefix(BULLET))
            else:
                above.append(line)
        if above:
            yield Block(tuple(above), listed=False, heads=bool(items))
        if items:
            yield Block(tuple(items), listed=True)


def _attachments(session: Session, row: OutgoingMail) -> Iterator[Attachment]:
    """The files in the order in which the mail names them, read from the storage once they are known to fit."""
    mine = select(Document).where(Document.id.in_(row.documents), Document.case_id == row.case_id)
    found = {document.id: document for document in session.scalars(mine)}
    wanted = [found.get(pk) for pk in row.documents]
    there = [document for document in wanted if document is not None and document.purged_at is None]
    if len(there) < len(wanted):
        raise Undeliverable(_("A document that goes with it was removed after its retention."))
    size, most = sum(document.size for document in there) * OF_THREE // 3, current_app.config["MAIL_MAX_BYTES"]
    if size > most:
        raise Undeliverable(too_large(size, most))
    for document in there:
        yield Attachment(document.filename, document.content_type, _content(document))


def _content(document: Document) -> bytes:
    try:
        return b"".join(storage.read(document.storage_key, 0, document.size))
    except FileNotFoundError as error:
        message = _("The file %(name)s, which goes with it, is not in the storage.", name=document.filename)
        raise Undeliverable(message) from error
