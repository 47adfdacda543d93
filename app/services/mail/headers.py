"""The headers of a mail, decoded within bounds: nothing in them is trusted, and nothing in them raises."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

#: Characters of a header that are looked at; of a subject that is no attack. RFC 5322 has lines of 998.
LONGEST, LONGEST_SUBJECT, LONGEST_REFERENCES = 16_000, 4_000, 32_000
#: Mails of a conversation that are looked for; the newest stand last.
MOST_REFERENCES = 50
LONGEST_ID = 255
FOLDED = re.compile(r"\r?\n(?=[ \t])")
ID = re.compile(r"<[^<>\s]{1,253}>")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BROKEN_LINE = re.compile(r"[\r\n\x00]")
BLANKS = re.compile(r"\s+")


def decoded(content: bytes, charset: str | None) -> str:
    """Text in the charset that is claimed, else in UTF-8, else in the one in which every byte means something."""
    for name in (charset, "utf-8", "cp1252"):
        try:
            return content.decode(name or "utf-8")
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def storable(text: str) -> str:
    """Without what a database refuses: NUL and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def raw_values(message: Message[Any, Any], name: str) -> list[str]:
    """Every header of this name, unfolded, not decoded yet."""
    wanted = name.lower()
    found = (value for key, value in message.raw_items() if key.lower() == wanted)
    return [FOLDED.sub("", str(value)) for value in found]


def raw_value(message: Message[Any, Any], name: str) -> str:
    """The first; empty where there is none."""
    return next(iter(raw_values(message, name)), "")[:LONGEST]


def text_of(raw: str) -> str:
    """A header in words: encoded words and bytes beyond ASCII become text; line breaks stay, so that they show."""
    plain = raw[:LONGEST]
    if not plain.isascii():  # bytes of the source, as the parser keeps them, or decoded already
        plain = decoded(plain.encode("utf-8", "surrogateescape"), None)
    try:
        parts = decode_header(plain)
    except Exception:  # an encoded word that is broken stays as it is
        return storable(plain)
    words = (part if isinstance(part, str) else decoded(part, charset) for part, charset in parts)
    return storable("".join(words)).strip()


def one_line(text: str, longest: int) -> str:
    return BLANKS.sub(" ", CONTROL.sub(" ", text)).strip()[:longest]


def is_injected(message: Message[Any, Any]) -> bool:
    """Whether a header that we show or answer holds a line of its own: no mail program writes such a one."""
    headers = ("from", "subject", "reply-to", "message-id", "in-reply-to", "references")
    return any(BROKEN_LINE.search(_with_bytes(value)) for name in headers for value in raw_values(message, name))


def _with_bytes(raw: str) -> str:
    return raw[:LONGEST] + text_of(raw)


def sender_of(message: Message[Any, Any]) -> tuple[str, str]:
    """Address, in small letters, and name of who wrote it; empty where there is not exactly one."""
    addresses = _addresses([value[:LONGEST] for value in raw_values(message, "from")])
    if len(addresses) != 1:
        return "", ""
    name, address = addresses[0]
    fits = address.count("@") == 1 and len(address) <= LONGEST_ID and not CONTROL.search(address) and address.isascii()
    return (address.lower(), one_line(text_of(name), 255)) if fits and " " not in address else ("", "")


def _addresses(values: list[str]) -> list[tuple[str, str]]:
    try:
        return [(name, address) for name, address in getaddresses(values) if address]
    except (RecursionError, ValueError, IndexError):  # thousands of brackets, for instance
        return []


def message_id(message: Message[Any, Any], raw: bytes) -> str:
    """In its brackets; of a mail without a usable one, a hash of its source in its place."""
    written = raw_value(message, "message-id").strip()
    found = ID.search(written)
    if found:
        return storable(found[0])
    if written and len(written) <= LONGEST_ID - 2 and not BLANKS.search(written):
        return storable(f"<{written.strip('<>')}>")
    return f"<{hashlib.sha256(raw).hexdigest()}@without-id.invalid>"


def references(message: Message[Any, Any]) -> tuple[str, ...]:
    """The mails that it answers, the one that it answers itself first."""
    answered = ID.findall(raw_value(message, "in-reply-to"))
    before = ID.findall(next(iter(raw_values(message, "references")), "")[-LONGEST_REFERENCES:])
    found = dict.fromkeys(one for one in (*answered, *reversed(before[-MOST_REFERENCES:])) if one.isascii())
    return tuple(found)[:MOST_REFERENCES]


def written_at(message: Message[Any, Any]) -> datetime | None:
    """None of what is no date, or is one that no mail can have."""
    try:
        found = parsedate_to_datetime(raw_value(message, "date"))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC) if 1990 < found.year < 2200 else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
