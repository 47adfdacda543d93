"""Tables that stack on a phone: every cell repeats its own column's heading."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from lxml import html

from app.demo import beginning, day
from app.services.core import clock

#: Pages with tables, and the least number of rows that they have in the demo. Indicators are of this year so far, where
#: nothing else is asked for: on New Year's Day that is nothing.
PAGES = {
    "/agenda/": 2, "/conformance/somasi": 20, "/conformance/hard_complaint": 10, "/indicators/": 3,
    "/indicators/hard_complaint/time_to_result?from={year_ago}": 1, "/dashboard/pengaduan": 12, "/ojk/": 1,
    "/exports/log": 2, "/reports/downloads/": 2, "/deadlinepolicyview/list/": 8, "/unitview/list/": 3,
    "/users/list/": 10, "/retention/": 5, "/dashboard/keluhan/rows?left=reported": 2,
    "/dashboard/somasi/rows?left=drafting": 2, "/procedures/": 7, "/procedures/somasi": 70,
    "/procedures/hard_complaint": 20,
}  # fmt: skip


def text(node: Any) -> str:
    return " ".join(node.text_content().split())


def parts(cell: Any) -> int:
    """How many things are in a cell: elements, and texts between them."""
    texts = [cell.text, *(child.tail for child in cell)]
    return len(cell) + sum(bool(written and written.strip()) for written in texts)


def test_each_cell_says_its_heading(app: Flask) -> None:
    """In the demo's working day, after two reports were taken."""
    with app.test_request_context():
        assert day.fill()
        year_ago = clock.today() - timedelta(days=365)
    client = app.test_client()
    client.post("/login/", data={"username": "admin", "password": beginning.PASSWORD})
    for report in ("deadlines", "hearings"):
        assert client.get(f"/reports/{report}/file").status_code == 200
    for path, least in PAGES.items():
        page = html.fromstring(client.get(path.format(year_ago=year_ago)).text)
        rows = 0
        for table in page.xpath("//table[contains(@class, 'table-stack') or contains(@class, 'table-figures')]"):
            heads = [text(head) for head in table.xpath("./thead/tr/th")]
            for row in table.xpath("./tbody/tr[td]"):
                cells = row.xpath("./td")
                wrong = [
                    (cell.get("data-label"), head)
                    for cell, head in zip(cells, heads, strict=True)
                    if cell.get("data-label") and not head.startswith(cell.get("data-label"))
                ]
                assert wrong == [], path
                if "table-stack" in table.get("class"):
                    # On a phone the heading and each thing in the cell are side by side.
                    torn = [text(cell) for cell in cells if cell.get("data-label") and parts(cell) > 1]
                    assert torn == [], path
                rows += 1
        assert rows >= least, path
