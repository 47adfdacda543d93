"""The result of a hard complaint goes to somebody who can be reached, and nobody else ends it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.services.cases import transitions
from app.services.documents import documents
from tests.e2e.gestures import fill, send, state_is
from tests.recordings import silence
from tests.services.retention.keeping import KEY, REQUEST, STEPS


@pytest.fixture
def case(live: Any) -> int:
    """A hard complaint whose result is to be sent."""
    actors = {name: live.cast.actor(name) for name in ("spv", "qco", "manager_operasional")}
    with live.app.app_context():
        pk = int(transitions.create(actors["spv"], KEY, REQUEST).id)
        for name, key, answers in STEPS[:-1]:
            uploads = {"voice_recording": [documents.Upload("rekaman.mp3", io.BytesIO(silence(60)))]}
            files = uploads if key == "attach_recording" else None
            transitions.perform(actors[name], KEY, pk, key, answers, files)
    return pk


def test_what_is_no_address_is_explained_beside_it(live: Any, case: int, browser_page: Callable[..., Page]) -> None:
    path = f"{live.url}/{KEY}/{case}"
    spv = browser_page("spv", width=390)
    spv.goto(f"{path}/do/send_result")
    fill(spv, sent_to="bukan email", sent_by="email")
    send(spv)
    beside = spv.locator("#field-sent_to-error")
    expect(beside).to_contain_text("alamat email atau nomor telepon")
    assert spv.input_value("[name=sent_to]") == "bukan email", "what was typed is kept"
    fill(spv, sent_to="0812 0000 147")
    send(spv)
    expect(spv.locator("#refusal")).to_contain_text("ke alamat email")
    fill(spv, sent_to="plasa@contoh.example")
    send(spv)
    spv.wait_for_url(path)
    state_is(spv, "Selesai")
    expect(spv.locator("dl.facts a[href='mailto:plasa@contoh.example']")).to_have_text("plasa@contoh.example")
    expect(spv.locator("dl.facts a[href^='tel:']")).to_have_count(0)
