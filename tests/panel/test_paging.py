"""Pages of a list: how an address names one, and where the foot of the list leads."""

from __future__ import annotations

import pytest
from flask import Flask

from app.panel.paging import LAST_PAGE, near_pages, page_number
from app.services.core.paging import page_of
from tests.cast import Cast


@pytest.mark.parametrize(
    ("written", "from_zero", "from_one"),
    [("", 0, 0), ("0", 0, 0), ("1", 1, 0), ("7", 7, 6), ("-1", 0, 0), ("²", 0, 0), ("x", 0, 0), ("9" * 30, 0, 0),
     ("99999999", LAST_PAGE, LAST_PAGE)],
)  # fmt: skip
def test_the_number_in_an_address(app: Flask, written: str, from_zero: int, from_one: int) -> None:
    with app.test_request_context(query_string={"page": written} if written else {}):
        assert (page_number(), page_number(first=1)) == (from_zero, from_one)


def test_a_page_of_what_is_in_memory() -> None:
    pages = [page_of("abcde", number, 2) for number in range(4)]
    assert ["".join(page.lines) for page in pages] == ["ab", "cd", "e", ""]
    assert [page.more for page in pages] == [True, True, False, False]
    assert {(page.total, page.pages) for page in pages} == {(5, 3)}
    assert page_of("", 0, 2).pages == 1


def test_the_foot_leads_to_the_pages_around() -> None:
    assert near_pages(0, 1, str) == []
    assert near_pages(5, 10, str) == [
        (1, "0", False), (4, "3", False), (5, "4", False), (6, "5", True), (7, "6", False), (8, "7", False),
        (10, "9", False),
    ]  # fmt: skip


@pytest.mark.parametrize("page", ["0", "1", "999999", "-4", "x"])
def test_any_page_of_the_notices_opens(cast: Cast, page: str) -> None:
    assert cast.login("cs").get("/notices/", query_string={"page": page}).status_code == 200
