"""What a person does on a page: open a case, press a button, fill a form, hand in papers."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import PDF


def papers(page: Page, *keys: str) -> None:
    """Chooses a small PDF for each kind of document that the form asks for."""
    for key in keys:
        file = {"name": f"{key}.pdf", "mimeType": "application/pdf", "buffer": PDF}
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


def press(page: Page, label: str) -> None:
    """Presses a step's button on the case page, or follows its link."""
    page.locator(".buttons").get_by_text(label, exact=True).first.click()


def state_is(page: Page, label: str) -> None:
    expect(page.locator(".case-head .badge-state")).to_contain_text(label)
