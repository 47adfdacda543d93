"""What a person does on a page: open a case, press a button, fill a form, hand in papers."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.conftest import PDF

_files = count()


def papers(page: Page, *keys: str) -> None:
    """Chooses a small PDF for each kind of document that the form asks for, no two alike."""
    for key in keys:
        file = {"name": f"{key}.pdf", "mimeType": "application/pdf", "buffer": PDF + b"%%%d" % next(_files)}
        page.set_input_files(f"main form.card input[type=file][name={key}]", [file])  # type: ignore[list-item]


def fill(page: Page, **answers: str) -> None:
    """Types answers by field key; a select takes the value of its option."""
    for key, answer in answers.items():
        field = page.locator(f"main form.card [name={key}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(answer)
        else:
            field.fill(answer)


def send(page: Page) -> None:
    page.locator(
        "main form.card button[type=submit].btn-primary, main form.card button[type=submit].btn-danger"
    ).click()


#: Pages narrower than this fold their menu.
PHONE = 768


def press(page: Page, label: str) -> None:
    """Presses a step's button on the case page, or follows its link; what is possible besides is unfolded first."""
    step = page.locator(".buttons").get_by_text(label, exact=True).first
    step.wait_for(state="attached")
    folded = page.locator(".more-steps:not([open])", has=step)
    if folded.count():
        folded.locator("summary").click()
    step.click()


def state_is(page: Page, label: str) -> None:
    expect(page.locator(".case-head .badge-state")).to_contain_text(label)


def choose_from_menu(page: Page, category: str, entry: str) -> None:
    """Opens a page through the menu, which a phone unfolds first."""
    # By the width, not by what is visible: before its style sheet has come, a page shows the button at any width.
    if page.viewport_size and page.viewport_size["width"] < PHONE:
        # Nor before the script: until then the button unfolds nothing, and a page that a form led to may still load.
        page.wait_for_load_state("load")
        page.locator(".burger").click()
    menu = page.get_by_role("navigation", name="Menu utama")
    menu.get_by_role("button", name=category).click()
    menu.get_by_role("link", name=entry, exact=True).click()


def save(page: Page) -> None:
    """Presses "save" on the form of a plain table and waits for the list; the browser may well refuse to send."""
    there = page.url
    page.locator("main").get_by_role("button", name="Simpan").click()
    page.wait_for_url(lambda url: url != there, timeout=5000)


def entry_of(page: Page, name: str) -> Locator:
    """The row of a list with ``name`` in a cell of its own."""
    return page.locator("main tbody tr").filter(has=page.get_by_text(name, exact=True))


def examined(page: Page) -> Any:
    """What axe finds on a page that is all there, as a person looks at it: a click has done its part when the next
    page begins, which may be before its first element, its style sheets or its last line."""
    page.wait_for_load_state("load")
    found = Axe().run(page).response
    assert found["passes"], "axe has looked"
    return found


def looked_through(page: Page) -> None:
    """Nothing for axe, of whatever impact, and nothing sticks out of the screen."""
    found = examined(page)
    violations = [(v["id"], v["impact"], [node["html"][:120] for node in v["nodes"][:3]]) for v in found["violations"]]
    assert not violations, violations
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


def spotless(page: Page) -> None:
    """No complaint of axe, of any level, and nothing sticks out of the screen."""
    found = examined(page)
    wrong = {v["id"]: [node["html"][:120] for node in v["nodes"]] for v in found["violations"]}
    assert not wrong, (page.url, wrong)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


def labelled(page: Page, label: str) -> Locator:
    """The input that a person finds by its label, with the mark of an obligatory one or without."""
    return (
        page.locator("main").get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*(\*\s*(\(wajib diisi\))?)?\s*$")).first
    )


def answer(page: Page, answers: dict[str, str | bool]) -> None:
    """Fills inputs by their labels; a select takes the label of its option, a box whether it is ticked."""
    for label, given in answers.items():
        field = labelled(page, label)
        if isinstance(given, bool):
            field.set_checked(given)
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=given)
        else:
            field.fill(given)
