"""The extension of a complaint that came by phone, in the browser of the supervisor."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from tests.api.stories.test_pengaduan import STRANGER
from tests.cast import Cast

EXTENSION = {"extension_reason": "Menunggu bank", "extension_days": "5", "email": "", "postal_address": ""}


def called(cast: Cast) -> str:
    made = cast.api("cs").post("/pengaduan/", STRANGER)
    assert made.status_code == 201, made.text
    return f"/pengaduan/{made.json['id']}"


def extended(supervisor: FlaskClient, case: str, **answers: Any) -> tuple[int, str]:
    given = EXTENSION | answers | {"_shown": list(EXTENSION)}
    answer = supervisor.post(f"{case}/do/extend_deadline", data=given, follow_redirects=True)
    return answer.status_code, answer.text


def test_the_step_asks_where_the_letter_goes_and_the_page_shows_it(cast: Cast) -> None:
    case, supervisor = called(cast), cast.login("supervisor")
    form = supervisor.get(f"{case}/do/extend_deadline").text
    assert 'id="field-email"' in form
    assert 'id="field-postal_address"' in form
    status, page = extended(supervisor, case, postal_address="Jl. Mawar 1, Depok")
    assert status == 200
    assert "surat_perpanjangan-PGD-" in page
    assert "Surat untuk dikirim ke alamat" in page
    history = page[page.index('id="history"') :]
    assert "Surat perpanjangan" in history
