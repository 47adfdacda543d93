"""Reports that a mail of ours could not be delivered (RFC 3464)."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from typing import Any

from app.services.mail.headers import ID, one_line, raw_value, text_of

LONGEST_REASON = 500


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
    inner = [part for part in parts if part is not report and (found := raw_value(part, "message-id")) and found]
    for part in inner:
        if match := ID.search(raw_value(part, "message-id")):
            return match[0]
    for part in parts:
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            quoted = content[:100_000].decode("latin-1").lower() if isinstance(content, bytes) else ""
            at = quoted.find("message-id:")
            if at >= 0 and (match := ID.search(content[:100_000].decode("latin-1"), at)):  # type: ignore[union-attr]
                return match[0]
    answered = ID.search(raw_value(report, "in-reply-to"))
    return answered[0] if answered else ""
