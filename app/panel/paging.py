"""How an address names a page of a list, and which pages the foot of a list leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

#: The parameters by which a list that goes on from a row names its page (``services/core/keyset.py``).
PLACE = ("after", "before")
#: The parameter by which a list tells what became of a step on many cases: told once, it leads nowhere else.
TOLD = "bulk"
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


def link(changes: Mapping[str, Any], endpoint: str | None = None, **parts: Any) -> str:
    """The URL of the present list with some arguments changed (None: left out); a change begins at the first page.
    ``parts``: what the path of ``endpoint`` is made of."""
    kept = {key: many for key, many in request.args.to_dict(flat=False).items() if key not in (*PLACE, TOLD)}
    wanted = {key: value for key, value in (kept | dict(changes)).items() if value is not None}
    # Written out here: names such as _scheme in a URL would mean something to url_for itself.
    return "?".join(filter(None, (url_for(endpoint or request.endpoint or "", **parts), urlencode(wanted, doseq=True))))
