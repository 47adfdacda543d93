"""Reports that a mail of ours could not be delivered (RFC 3464)."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from typing import Any

from app.services.mail.headers import ID, one_line, raw_value, text_of

LONGEST_REASON, LONGEST_QUOTED, LONGEST_ID = 500, 100_000, 255


@dataclass(frozen=True)
class Bounce:
    """``message_id``: of our mail, empty where the report does not name it; ``recipient``: who did not get it;
    ``final``: whether it will not be tried again."""

    message_id: str
    recipient: str
    reason: str
    final: bool


def bounce_of(report: Message[Any, Any]) -> Bounce | None:
    """None where nothing tells which mail or whom it is about."""
    parts = list(report.walk())
    fields = [part for part in parts if raw_value(part, "final-recipient") or raw_value(part, "original-recipient")]
    about = fields[0] if fields else report
    recipient = _address(raw_value(about, "final-recipient") or raw_value(about, "original-recipient"))
    message_id = _returned_id(report, parts)
    if not (message_id or recipient):
        return None
    reason = raw_value(about, "diagnostic-code") or raw_value(about, "status") or raw_value(report, "subject")
    action = raw_value(about, "action").strip().lower()
    return Bounce(message_id, recipient, one_line(text_of(reason), LONGEST_REASON), action in ("", "failed"))


def _address(written: str) -> str:
    """``rfc822; somebody@example.com``."""
    address = written.rpartition(";")[2].strip().strip("<>").lower()
    return address if address.count("@") == 1 and " " not in address else ""


def _returned_id(report: Message[Any, Any], parts: list[Message[Any, Any]]) -> str:
    """Of the mail that is sent back, whole or its headers alone, or quoted in a report in words."""
    headers = (raw_value(part, "message-id") for part in parts if part is not report)
    texts = (_quoted(part) for part in parts if part.get_content_maintype() == "text")
    found = (ID.search(one) for one in (*headers, *texts, raw_value(report, "in-reply-to")))
    return next((match[0] for match in found if match), "")


def _quoted(part: Message[Any, Any]) -> str:
    """What stands behind the first header of that name in a text."""
    content = part.get_payload(decode=True)
    text = content[:LONGEST_QUOTED].decode("latin-1") if isinstance(content, bytes) else ""
    at = text.lower().find("message-id:")
    return text[at : at + LONGEST_ID] if at >= 0 else ""
