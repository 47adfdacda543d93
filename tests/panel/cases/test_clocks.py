"""What the page of a case says of its deadlines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.cases import transitions
from app.services.core import clock
from app.services.notices import deadline_warnings
from tests.cast import Cast

MAIL: dict[str, Any] = {
    "channel": "email", "name": "Rahmat", "email": "rahmat@contoh.example", "category": "payment_detail",
    "complaint": "Pembayaran saya belum tercatat",
}  # fmt: skip


def at(written: str) -> Any:
    return clock.at(datetime.fromisoformat(f"{written}+07:00"))


@pytest.fixture
def page(app: Flask, cast: Cast) -> Any:
    """Opens a written complaint on 23 November 2026 and answers how to read its page."""
    actor = cast.actor("cs")
    with app.test_request_context(), at("2026-11-23 09:00"):
        pk = int(transitions.create(actor, "pengaduan", MAIL).id)
    client: FlaskClient = cast.login("cs")

    def read(step: str | None = None, on: str = "2026-11-24 09:00", **answers: Any) -> str:
        if step:
            with app.test_request_context(), at(on):
                transitions.perform(actor, "pengaduan", pk, step, answers)
        return client.get(f"/pengaduan/{pk}").text

    return read


def test_a_deadline_has_its_name_and_its_day(page: Any) -> None:
    text = page()
    assert "Tenggat (POJK)" in text
    assert "7 Des 2026" in text


def test_a_paused_clock_says_since_when_and_why(page: Any) -> None:
    text = page("request_data", data_needed="Bukti bayar")
    assert "deadline-paused" in text
    assert "24 Nov 2026 09.00 WIB" in text


def test_warnings_and_where_they_went_stand_in_the_history(app: Flask, cast: Cast, page: Any) -> None:
    cast.user("supervisor")
    with app.test_request_context(), at("2026-12-22 09:00"):
        assert deadline_warnings.watch() == 1
    text = page()
    assert "Terpakai (%)" in text
    assert "Supervisor" in text


def test_programs_get_the_same(cast: Cast, page: Any) -> None:
    page("request_data", data_needed="Bukti bayar")
    api = cast.api("cs")
    [deadline] = api.get("/pengaduan/1").json["deadlines"]
    assert deadline == {
        "key": "pojk", "label": "Tenggat (POJK)", "due": None, "used": 0,
        "paused_since": "2026-11-24T02:00:00+00:00",
    }  # fmt: skip
