"""What people who are not signed in see: how to complain, and the status of their own complaint, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.cases import transitions
from tests.cast import Cast
from tests.panel.helpers import counted

COMPLAINT: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-1",
    "identity_verified": "not_in_data", "category": "other", "complaint": "Tagihan berbeda dengan SMS",
}  # fmt: skip


def recorded(app: Flask, **answers: Any) -> str:
    """The number of a complaint."""
    actor = Cast(app).actor("cs")
    with app.test_request_context():
        return str(transitions.create(actor, "pengaduan", COMPLAINT | answers).number)


def ask(client: FlaskClient, number: str, phone: str) -> str:
    answer = client.post("/public/pengaduan", data={"number": number, "phone": phone})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", ("5 hari kerja", "10 hari kerja")), ("en", ("5 working days", "10 working days", "How to complain"))],
)
def test_how_to_complain_is_published_with_its_time_limits(
    client: FlaskClient, language: str, words: tuple[str, ...]
) -> None:
    client.get(f"/lang/{language}")
    page = client.get("/public/pengaduan")
    assert page.status_code == 200
    for word in words:
        assert word in page.text
    assert f'<html lang="{language}">' in page.text
    assert "noindex" not in page.text


def test_sops_that_publish_nothing_have_no_page(client: FlaskClient) -> None:
    for key in ("somasi", "intera", "reply_template", "nichts"):
        assert client.get(f"/public/{key}").status_code == 404
        assert client.post(f"/public/{key}", data={"number": "1", "phone": "1"}).status_code == 404


def test_a_form_from_elsewhere_is_refused(make_app: Callable[..., Flask]) -> None:
    app = make_app(WTF_CSRF_ENABLED=True)
    number = recorded(app)
    sent = app.test_client().post("/public/pengaduan", data={"number": number, "phone": COMPLAINT["phone"]})
    assert sent.status_code == 400
    assert "Tercatat" not in sent.text


@pytest.mark.parametrize("phone", ["0812 3344 5566", "+62 812-3344-5566", "6281233445566"])
@pytest.mark.parametrize("writing", ["{}", " {} ", "lower", "bare"])
def test_the_status_is_shown_to_who_has_number_and_phone(
    app: Flask, client: FlaskClient, phone: str, writing: str
) -> None:
    number = recorded(app)
    written = {"lower": number.lower(), "bare": number.replace("-", " ")}.get(writing, writing.format(number))
    page = ask(client, written, phone)
    assert "Tercatat" in page
    for secret in ("Nur Aini", "ORD-1", "Tagihan berbeda", "Lainnya", "Cs Uji"):
        assert secret not in page, "nothing but the status"


def _without_the_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf_token" not in line and "nonce" not in line)


def test_an_unknown_number_and_somebody_elses_phone_are_answered_alike(app: Flask, client: FlaskClient) -> None:
    number = recorded(app)
    recorded(app, phone="0899 1111 222")
    unknown = _without_the_token(ask(client, "PGD-261123-99999", COMPLAINT["phone"]))
    assert "Tercatat" not in unknown
    for wrong in (
        (number, "0899 1111 222"), (number, ""), (number, "0"), (number, "'; --"), ("", COMPLAINT["phone"]), ("", ""),
        (number[:-1], COMPLAINT["phone"]), (number + "0", COMPLAINT["phone"]), ("x" * 5000, "9" * 5000),
        ("\x00", "\x00"),
    ):  # fmt: skip
        assert _without_the_token(ask(client, *wrong)) == unknown, wrong


def test_they_are_the_same_work(app: Flask, client: FlaskClient) -> None:
    number = recorded(app)
    queries = []
    for pair in ((number, COMPLAINT["phone"]), (number, "0899 1111 222"), ("PGD-1", COMPLAINT["phone"])):
        with counted(app) as statements:
            ask(client, *pair)
        queries.append([statement for statement in statements if "cases" in statement])
    assert queries[0] == queries[1] == queries[2]
    assert len(queries[0]) == 1


def test_a_complaint_without_a_phone_tells_nobody_its_status(app: Flask, client: FlaskClient) -> None:
    number = recorded(app, channel="email", phone="", order_id="", email="a@contoh.example")
    for phone in ("", "0", "000000000000", "+000000000000"):
        assert "Tercatat" not in ask(client, number, phone)


def test_other_sops_cases_are_not_shown(app: Flask, client: FlaskClient) -> None:
    actor = Cast(app).actor("admin_layanan")
    with app.test_request_context():
        case = transitions.create(actor, "intera", {
            "channel": "whatsapp", "greeting_given": True, "client_name": "Hasan", "phone": "0857 7000 1122",
            "location": "Bandung", "chronology": "Mati",
        })  # fmt: skip
        number = case.number
    assert "Diterima" not in ask(client, number, "0857 7000 1122")


def test_guessing_is_slowed_down(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATELIMIT_ENABLED=True)
    client = app.test_client()
    typed = {"number": "PGD-261123-00001", "phone": "0812"}
    answers = [client.post("/public/pengaduan", data=typed).status_code for _time in range(6)]
    assert answers == [200] * 5 + [429]
    assert client.get("/public/pengaduan").status_code == 200, "reading is not limited"
    other = client.post("/public/pengaduan", data=typed, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200, "another address has its own count"


def test_the_page_says_where_to_complain(make_app: Callable[..., Flask]) -> None:
    page = make_app(COMPLAINT_PHONE="(021) 555 0100").test_client().get("/public/pengaduan").text
    assert "(021) 555 0100" in page
