"""Turning the pages of what is listed newest first. Change here how an address names a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

#: Further back nobody turns pages by hand.
LAST_PAGE = 10_000
PAGE = 50


@dataclass(frozen=True)
class Part:
    """A page, ``number`` from 0, of ``total`` lines."""

    lines: Sequence[Any]
    total: int
    number: int

    @property
    def more(self) -> bool:
        return (self.number + 1) * PAGE < self.total


def part(lines: Sequence[Any]) -> Part:
    """The page that the address names."""
    number = page_number()
    return Part(lines[number * PAGE : (number + 1) * PAGE], len(lines), number)


def page_number() -> int:
    """Counted from 0; what is no number is the first page."""
    written = request.args.get("page", "0")
    return min(int(written), LAST_PAGE) if written.isascii() and written.isdecimal() and len(written) < 10 else 0
