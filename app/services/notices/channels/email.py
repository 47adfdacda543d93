"""Mail over SMTP."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from types import TracebackType
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.services.notices.channels import SENT, Outcome

#: Seconds for which one word of the server is waited for.
PATIENCE = 60
#: Mails over one connection; servers close it sooner or later.
MOST_PER_CONNECTION = 100
#: The longest subject, in characters; more is of no use to anybody.
LONGEST_SUBJECT = 200
#: The longest reason that is kept of a server's answer, in characters.
LONGEST_REASON = 500
#: The server wants another sign-in than it gets: the fault is not the mail's, so all of them wait.
SIGN_IN = frozenset({530, 534, 535, 538})
#: An id of a mail as it may stand in a header.
ID = re.compile(r"<[!-;=?-~]{1,250}>")


class Ids(UnstructuredHeader):
    """Ids of mails, one a line. The library would encode one that is longer than a line, and no program knows it
    then."""

    def fold(self: Any, *, policy: Any) -> str:
        return f"{self.name}: " + f"{policy.linesep} ".join(self.split()) + str(policy.linesep)


HEADERS: Any = HeaderRegistry()
HEADERS.map_to_type("in-reply-to", Ids)
HEADERS.map_to_type("references", Ids)
POLICY: Any = SMTP.clone(header_factory=HEADERS)


@dataclass(frozen=True)
class Attachment:
    """``content_type``: such as ``application/pdf``."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A mail to one address. ``html``: the same as ``text``, marked up. Ids have their angle brackets; ``references``
    come oldest first, ``in_reply_to`` is empty for none."""

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    written_at: datetime
    in_reply_to: str = ""
    references: Sequence[str] = ()
    language: str = ""
    attachments: Sequence[Attachment] = ()


def is_set_up() -> bool:
    return current_app.config["SMTP"] is not None


def deliver(mail: Mail) -> Outcome:
    """Sends one mail over a connection of its own."""
    with Connection() as connection:
        return connection.deliver(mail)


def domain() -> str:
    """Of the sender's address; ids of mails are made in it."""
    return parseaddr(current_app.config["MAIL_FROM"])[1].rpartition("@")[2]


def sender_name() -> str:
    """As ``MAIL_FROM`` has it; empty where it is an address alone."""
    return parseaddr(current_app.config["MAIL_FROM"])[0]


class Connection:
    """Sends mails one after the other; opens, renews and closes its connection by itself."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None
        self._carried = 0

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        self._close()

    def deliver(self, mail: Mail) -> Outcome:
        try:
            recipient, raw = address(mail.recipient), written(mail)
        except (ValueError, HeaderParseError, IndexError) as error:
            return Outcome("refused", _("This is no address to which a mail can go: %(why)s", why=_short(str(error))))
        most = current_app.config["MAIL_MAX_BYTES"]
        if len(raw) > most:
            return Outcome("refused", too_large(len(raw), most))
        try:
            smtp = self._open()
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome("unreachable", _said(error))
        return self._hand_over(smtp, recipient, raw)

    def _hand_over(self, smtp: smtplib.SMTP, recipient: str, raw: bytes) -> Outcome:
        options = () if recipient.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
        if options and not smtp.has_extn("smtputf8"):
            return Outcome("refused", _("The mail server takes no address with letters beyond a to z."))
        self._carried += 1
        try:
            smtp.sendmail(parseaddr(current_app.config["MAIL_FROM"])[1], [recipient], raw, options)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, answer)] = error.recipients.values()
            return self._judged(code, answer)
        except smtplib.SMTPResponseException as error:
            return self._judged(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._close()  # nobody knows in what state it is
            return Outcome("later", _said(error))
        return SENT

    def _judged(self, code: int, answer: bytes | str) -> Outcome:
        """What the server's answer means for the mail (RFC 5321, 4.2.1)."""
        reason = f"{code} {_short(answer)}"
        if code in SIGN_IN:
            self._close()
            return Outcome("unreachable", reason)
        if code == 421:
            self._close()
        return Outcome("refused" if 500 <= code < 600 else "later", reason)

    def _open(self) -> smtplib.SMTP:
        if self._smtp is not None and (self._carried >= MOST_PER_CONNECTION or not _answers(self._smtp)):
            self._close()
        if self._smtp is None:
            self._smtp, self._carried = _signed_in(), 0
        return self._smtp

    def _close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()


def _signed_in() -> smtplib.SMTP:
    server: Any = current_app.config["SMTP"]
    tls = ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.tls == "always":
        smtp = smtplib.SMTP_SSL(server.host, server.port, domain(), timeout=PATIENCE, context=tls)
    else:
        smtp = smtplib.SMTP(server.host, server.port, domain(), timeout=PATIENCE)
    try:
        smtp.ehlo_or_helo_if_needed()
        # Where it is required and not offered, this raises: the mail waits rather than travel in the clear.
        if server.tls == "required" or (server.tls == "offered" and smtp.has_extn("starttls")):
            smtp.starttls(context=tls)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _answers(smtp: smtplib.SMTP) -> bool:
    """Whether a connection that was used before is still open."""
    try:
        return smtp.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def address(recipient: str) -> str:
    """The one address, its domain in ASCII. Raises ``ValueError`` and others for what is none, or more than one."""
    found = Address(addr_spec=recipient.strip())
    if not found.username or not found.domain or not recipient.strip().isprintable():
        raise ValueError(recipient)
    host = found.domain if found.domain.isascii() else found.domain.encode("idna").decode()
    return Address(username=found.username, domain=host).addr_spec


def written(mail: Mail) -> bytes:
    """The whole mail as it goes over the wire. The library refuses a header with a line break, so nobody adds one;
    a subject is made one line before."""
    message = EmailMessage(policy=POLICY)
    message["From"] = current_app.config["MAIL_FROM"]
    message["To"] = Address(addr_spec=address(mail.recipient))
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(mail.written_at)
    message["Message-ID"] = mail.message_id
    for name, ids in (("In-Reply-To", [mail.in_reply_to]), ("References", mail.references)):
        if known := [one for one in ids if ID.fullmatch(one)]:
            message[name] = " ".join(known)
    # RFC 3834: nobody's holiday notice answers it, and no other system takes it for a letter.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if mail.language:
        message["Content-Language"] = mail.language
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for one in mail.attachments:
        kind, _slash, subtype = one.content_type.partition("/")
        message.add_attachment(one.content, kind, subtype or "octet-stream", filename=one_line(one.filename))
    return message.as_bytes()


def too_large(size: int, most: int) -> str:
    """The sentence for a mail of ``size`` bytes where ``most`` are sent."""
    size, most = (-(-one // (1 << 20)) for one in (size, most))
    said = _("With its attachments the mail has %(size)s MB; at most %(most)s MB are sent.", size=size, most=most)
    return str(said)


def one_line(text: str) -> str:
    """Without line breaks and what can't be seen, no longer than a subject may be."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.split())[:LONGEST_SUBJECT]


def _said(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    if code is not None:
        return f"{code} {_short(getattr(error, 'smtp_error', ''))}"
    return _short(str(error) or type(error).__name__)


def _short(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_REASON]
