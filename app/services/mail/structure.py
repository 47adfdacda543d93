"""Takes a mail apart, within bounds of time and memory: who writes it may be hostile."""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from typing import Any

#: Parts of a mail, each of which may hold others; bytes of its head. What has more, no mail program has written.
MOST_PARTS, LARGEST_HEAD = 100, 256 << 10
#: Characters of a header; of one with parameters, whose reading takes the square of its length; headers of a part.
LONGEST_HEADER, LONGEST_WITH_PARAMETERS, MOST_HEADERS = 64 << 10, 8 << 10, 1_000
#: The parser takes it for the end of a line, other programs do not: so a header can hide in a header.
BARE_RETURN = re.compile(rb"\r(?!\n)")


class Untrusted(Exception):
    """A mail that is not taken as it is. ``reason``: a key of ``wording.REASONS``; ``detail``: more of that."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def head_of(raw: bytes) -> Message[Any, Any]:
    """Its headers alone, of which even an endless one is read as far as the bound."""
    return BytesHeaderParser(_Head, policy=compat32).parsebytes(raw[: _head_size(raw)])


def parts_of(raw: bytes) -> Message[Any, Any]:
    """The whole. Raises ``Untrusted``."""
    size = _head_size(raw)
    if size >= LARGEST_HEAD or BARE_RETURN.search(raw, 0, size):
        raise Untrusted("headers")
    return BytesParser(_Counting(), policy=compat32).parsebytes(raw)


def _head_size(raw: bytes) -> int:
    ends = (raw.find(mark, 0, LARGEST_HEAD) for mark in (b"\r\n\r\n", b"\n\n"))
    return min((end for end in ends if end >= 0), default=min(len(raw), LARGEST_HEAD))


def _longest(name: str) -> int:
    return LONGEST_WITH_PARAMETERS if name.lower().startswith("content-") else LONGEST_HEADER


class _Head(Message):
    """What is too long is cut: it is only shown."""

    def set_raw(self, name: str, value: Any) -> None:
        super().set_raw(name, value[: _longest(name)])


class _Part(Message):
    """What is too long is refused before anything reads it."""

    def set_raw(self, name: str, value: Any) -> None:
        if len(value) > _longest(name) or len(self) >= MOST_HEADERS:
            raise Untrusted("headers")
        super().set_raw(name, value)


class _Counting:
    """Makes the parts of a mail; the parser asks for one at a time, so a bound here bounds its depth as well."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, policy: Any = compat32) -> Message[Any, Any]:
        self.made += 1
        if self.made > MOST_PARTS:
            raise Untrusted("too_many_parts")
        return _Part(policy=policy)
