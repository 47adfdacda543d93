"""How an address names a page of a list, and which pages the foot of a list leads to."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

#: Beyond this no list is read by hand, and SQLite counts its rows one by one to get there.
LAST_PAGE = 10_000


def page_number(name: str = "page", first: int = 0) -> int:
    """Of the page that the address names, counted from 0 whatever the address calls its ``first``; what is no number is
    the first page."""
    return min(max(whole(request.args.get(name), first) - first, 0), LAST_PAGE)


def whole(written: str | None, otherwise: int) -> int:
    """A number without a sign, as an address has it."""
    said = written or ""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else otherwise


def near_pages(number: int, count: int, link: Callable[[int], str]) -> list[tuple[int, str, bool]]:
    """``(number as people count, URL, present)`` of the pages around page ``number``, the first and the last; nothing
    where there is but one. ``link`` counts from 0."""
    near = {page for page in range(number - 2, number + 3) if 0 <= page < count} | {0, count - 1}
    return [(page + 1, link(page), page == number) for page in sorted(near)] if count > 1 else []
