"""The raw sources of mails, in the storage, until nobody needs them any more."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import IncomingMail
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.documents import storage

SOURCES = "mails/"
#: How long a mail is kept that nobody needs: what a program wrote, and what somebody has discarded.
KEPT = timedelta(days=30)


def put(mailbox: str, raw: bytes) -> str:
    """Stores a source; the same one of the same mailbox has the same key, so trying again leaves nothing behind."""
    digest = hashlib.sha256(mailbox.encode() + b"\0" + raw).hexdigest()
    key = f"{SOURCES}{digest[:2]}/{digest}"
    storage.put(key, io.BytesIO(raw))
    return key


def read(mail: IncomingMail) -> Iterator[bytes]:
    """Nothing once it was forgotten."""
    if mail.storage_key:
        yield from storage.read(mail.storage_key, 0, storage.size(mail.storage_key))


def forget_old() -> None:
    """Of a mail that nobody needs only stays that it came, so that it never comes again; sources without a mail go."""
    before = clock.now() - KEPT
    with write_transaction() as session:
        old = select(IncomingMail).where(
            IncomingMail.state.in_(("ignored", "discarded")), IncomingMail.received_at < before,
            IncomingMail.storage_key.is_not(None),
        )  # fmt: skip
        keys = [forget(mail) for mail in session.scalars(old)]
    for key in filter(None, keys):
        storage.forget(key)
    known = set(db.session.scalars(select(IncomingMail.storage_key).where(IncomingMail.storage_key.is_not(None))))
    for key in storage.older_than(SOURCES, timedelta(days=1)):
        if key not in known:
            storage.forget(key)


def forget(mail: IncomingMail) -> str | None:
    """Empties what a person wrote; answers the key of the source, which is still to be removed."""
    key, mail.storage_key = mail.storage_key, None
    mail.sender = mail.sender_name = mail.subject = mail.text = mail.detail = ""
    return key
