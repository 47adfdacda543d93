"""Who is behind a mail: a person, or a program that must not be answered."""

from __future__ import annotations

import re
from email.message import Message
from typing import Any, Literal

from app.services.mail.headers import raw_value, sender_of, text_of

Kind = Literal["person", "auto", "bounce", "list"]

#: Headers that only a program sets, whatever they say (RFC 3834 and what was in use before it).
AUTOMATIC = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply", "x-vacation")
LISTED = ("list-id", "list-post", "list-unsubscribe", "x-mailing-list")
PRECEDENCE: dict[str, Kind] = {"bulk": "list", "list": "list", "junk": "list", "auto_reply": "auto"}
DAEMONS = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
#: What programs that set no header put before the subject.
SUBJECTS = re.compile(
    r"(auto(matic|mated)? ?-?(reply|response)|autoreply|out of (the )?office|balasan otomatis|jawaban otomatis"
    r"|sedang (cuti|tidak di kantor)|di luar kantor)\b",
    re.IGNORECASE,
)


def kind_of(message: Message[Any, Any]) -> Kind:
    report = report_type(message)
    if report == "delivery-status" or _is_from_daemon(message):
        return "bounce"
    submitted = raw_value(message, "auto-submitted").partition(";")[0].strip().lower()
    if report or submitted not in ("", "no") or any(raw_value(message, name) for name in AUTOMATIC):
        return "auto"
    if any(raw_value(message, name) for name in LISTED):
        return "list"
    precedence = raw_value(message, "precedence").strip().lower()
    if precedence in PRECEDENCE:
        return PRECEDENCE[precedence]
    return "auto" if SUBJECTS.match(text_of(raw_value(message, "subject"))) else "person"


def report_type(message: Message[Any, Any]) -> str:
    """What kind of report a ``multipart/report`` is: of a delivery, of a mail that was read; empty for no report."""
    if message.get_content_type() != "multipart/report":
        return ""
    return str(message.get_param("report-type") or "delivery-status").lower()


def _is_from_daemon(message: Message[Any, Any]) -> bool:
    """An empty return path is that of reports and of nobody else (RFC 5321)."""
    address, _name = sender_of(message)
    return address.partition("@")[0] in DAEMONS or raw_value(message, "return-path").strip() == "<>"
