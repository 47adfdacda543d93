"""Reads mailboxes by IMAP. A mail counts as seen, or is moved, only once it is stored."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from app.models import MailboxState
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.mail.taking_in import take_in
from mail_settings import Mailbox

#: Seconds for which a server may keep silent; mails that are read in one go.
PATIENCE, MOST_AT_ONCE = 60, 500
#: A mail carries its files in letters, which makes them a third longer; there may be several.
TIMES_AN_UPLOAD = 2
#: Of a mail that is larger, so much is fetched as its headers can have.
BEGINNING = 256 << 10
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


def read(mailbox: Mailbox) -> int:
    """Takes in what is new; answers how many mails. That a mailbox can't be read is written down for the admins."""
    taken, problem = 0, ""
    try:
        with _opened(mailbox) as box:
            for uid in box.uids("ALL" if mailbox.folder_done else "UNSEEN")[:MOST_AT_ONCE]:
                taken += _take(box, mailbox, uid)
    except MailboxLoginError:
        problem = "The server refuses user or password."
    except (OSError, ImapToolsError, imaplib.IMAP4.error) as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        current_app.logger.warning("MAILBOX_%s can't be read: %s", mailbox.number, problem)
    _write_down(mailbox, problem)
    return taken


@contextmanager
def _opened(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    kind = MailBox if mailbox.encrypted else MailBoxUnencrypted
    box = kind(mailbox.host, mailbox.port, timeout=PATIENCE)
    with box.login(mailbox.user, mailbox.password, initial_folder=mailbox.folder):
        if mailbox.folder_done and not box.folder.exists(mailbox.folder_done):
            box.folder.create(mailbox.folder_done)
        yield box


def _take(box: BaseMailBox, mailbox: Mailbox, uid: str) -> bool:
    """Whatever goes wrong with one mail, it stays unread and the next has its turn."""
    found = _source(box, uid)
    if found is None:  # somebody has removed it meanwhile
        return False
    raw, size = found
    try:
        new = take_in(mailbox, raw, size)
    except Exception:
        current_app.logger.exception("a mail of MAILBOX_%s (uid %s) is tried again later", mailbox.number, uid)
        return False
    if mailbox.folder_done:
        box.move([uid], mailbox.folder_done)
    else:
        box.flag([uid], [MailMessageFlags.SEEN], True)
    return new


def _source(box: BaseMailBox, uid: str) -> tuple[bytes, int] | None:
    """The source and its size; of what is too large the beginning alone, so that no mail fills the memory."""
    answered = _fetched(box, uid, "(RFC822.SIZE)")
    size = next((int(match[1]) for part in answered if (match := SIZE.search(_line(part)))), None)
    if size is None:
        return None
    largest = int(current_app.config["UPLOAD_MAX_BYTES"]) * TIMES_AN_UPLOAD
    wanted = size if size <= largest else BEGINNING
    parts = _fetched(box, uid, f"(BODY.PEEK[]<0.{max(wanted, 1)}>)")
    raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
    # A server may reckon the size in a way of its own; what was fetched whole is whole.
    return None if raw is None else (raw, size if size > largest else len(raw))


def _fetched(box: BaseMailBox, uid: str, what: str) -> list[bytes | tuple[bytes, bytes] | None]:
    status, data = box.client.uid("fetch", uid, what)
    return list(data) if status == "OK" else []


def _line(part: bytes | tuple[bytes, bytes] | None) -> bytes:
    return part[0] if isinstance(part, tuple) else part or b""


def _write_down(mailbox: Mailbox, problem: str) -> None:
    with write_transaction() as session:
        state = session.get(MailboxState, mailbox.address) or MailboxState(mailbox=mailbox.address, problem="")
        state.problem = problem[:1_000]
        if not problem:
            state.read_at = clock.now()
        session.add(state)
