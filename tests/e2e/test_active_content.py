"""What is said beside a document that could act by itself; and what was made to harm harms no browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import figures
from tests.cast import PASSWORD
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.panel.helpers import SOMASI
from tests.services.documents import hostile

#: Shows what is at an address; what is downloaded never comes to be shown.
OPENS = """address => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.onload = done;
  frame.src = address;
  document.body.append(frame);
  setTimeout(done, 500);
})"""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_word_stands_beside_it_and_in_the_preview(
    live: Live, browser_page: Callable[..., Page], width: int
) -> None:
    page = browser_page("legal", width=width)
    letter = ("surat\u202efdp.exe.pdf", hostile.pdf_with(OpenAction=hostile.script()))
    made = live.cast.api("legal").post("/somasi/", SOMASI, files={"somasi": letter})
    page.goto(f"{live.url}/somasi/{made.json['id']}")
    line = page.locator("#document-somasi")
    expect(line.locator(".badge-state", has_text="berisi skrip")).to_be_visible()
    looked_through(page)
    line.get_by_role("link", name="suratfdp.exe.pdf").click()
    expect(page.locator("dialog[open] [data-preview-warned]")).to_have_text("berisi skrip")
    looked_through(page)


def test_what_was_made_to_harm_runs_nothing(live: Live, chromium: Browser) -> None:
    """Opened by its address. The browser's own page of a picture has styles of its own, which our policy refuses; so
    this is not a browser in which that counts."""
    page = chromium.new_page()
    live.cast.user("legal")
    page.goto(f"{live.url}/login/")
    page.fill("input[name=username]", "legal")
    page.fill("input[name=password]", PASSWORD)
    page.click("form.card [type=submit]")
    page.wait_for_url(f"{live.url}/")
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    legal = live.cast.api("legal")
    made = legal.post("/somasi/", SOMASI, files={"somasi": ("surat.pdf", hostile.pdf_with())})
    path, opened = f"/somasi/{made.json['id']}", 0
    for one in [*hostile.polyglots(), *hostile.pictures()]:
        answer = legal.post(f"{path}/comments", {"text": one.what}, files={"files": (one.filename, one.content)})
        if answer.status_code != 201:
            continue
        opened += 1
        address = f"{live.url}{path}/documents/{answer.json['files'][0]['id']}"
        page.evaluate(OPENS, address)
    figures.count("hostile files opened in a browser", opened)
    figures.count("scripts run", len(said))
    assert opened >= 10
    page.close()
    assert said == []
