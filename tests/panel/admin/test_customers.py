"""The customer list in the panel: looked through by whom an SOP names for it, loaded after a preview."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, make_url, select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Customer
from app.services.imports import customers
from tests.cast import Cast
from tests.databases import sqlite_alone

TABLE = (
    "Nama;Telepon;E-mail;Order ID;Produk;Tagihan;Jatuh Tempo;Status\n"
    "Nur Aini;0812 3344 5566;;ORD-1;Kilat;1.250.000;25/11/2026;Disetujui\n"
    ";0812;;ORD-2;;;;\n"
    "Yohana;0811 900 800;;ORD-3;;;;\n"
)


@pytest.fixture
def supervisor(cast: Cast) -> FlaskClient:
    browser = cast.login("supervisor")
    browser.get("/lang/en")
    return browser


def sent(browser: FlaskClient, table: str | bytes) -> TestResponse:
    content = table.encode() if isinstance(table, str) else table
    return browser.post("/customers/load", data={"file": (io.BytesIO(content), "pelanggan.csv")})


def load(browser: FlaskClient, ticket: str) -> TestResponse:
    """Reads the page to its end: it grows while the rows are saved."""
    return browser.post("/customers/apply", data={"ticket": ticket}, buffered=True)


def test_one_can_write_and_call_by_a_click(app: Flask, supervisor: FlaskClient) -> None:
    table = TABLE.replace("0812 3344 5566;;", "0812 3344 5566;aini@contoh.example;")
    load(supervisor, ticket(sent(supervisor, table)))
    text = supervisor.get("/customers/").text
    assert '<a href="mailto:aini@contoh.example">aini@contoh.example</a>' in text
    assert 'href="tel:+6281233445566">0812-3344-5566</a>' in text


def ticket(page: TestResponse) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def count(app: Flask) -> int:
    with app.app_context():
        return int(db.session.scalar(select(func.count()).select_from(Customer)) or 0)


@pytest.mark.parametrize("name", ["qa", "legal"])
def test_others_do_not_reach_it(cast: Cast, name: str) -> None:
    browser = cast.login(name)
    assert browser.get("/customers/").status_code == 403
    assert "/customers/" not in browser.get("/").text
    loads_nothing(browser)


def loads_nothing(browser: FlaskClient) -> None:
    assert browser.get("/customers/load").status_code == 403
    assert sent(browser, TABLE).status_code == 403
    assert browser.post("/customers/apply", data={"ticket": "x"}).status_code == 403


def test_cs_looks_customers_up_and_loads_none(app: Flask, cast: Cast, supervisor: FlaskClient) -> None:
    load(supervisor, ticket(sent(supervisor, TABLE)))
    browser = cast.login("cs")
    assert 'href="/customers/"' in browser.get("/").text
    assert "/customers/load" not in browser.get("/customers/").text
    for words in ("nur a", "ord-1", "0812-3344", "+62 812 3344 5566", "62812"):
        page = browser.get("/customers/", query_string={"q": words}).text
        assert "ORD-1" in page, words
        assert "ORD-3" not in page, words
    loads_nothing(browser)


def test_whom_the_answers_in_a_form_mean_stands_beside_it(app: Flask, cast: Cast, supervisor: FlaskClient) -> None:
    """Without a script: by the button beside the form, or when the form is refused. Nothing is saved by either."""
    load(supervisor, ticket(sent(supervisor, TABLE)))
    browser = cast.login("cs")
    beside(browser.get("/pengaduan/new").text, "tampil di sini")
    typed = {"channel": "inbound", "order_id": "ord-1", "_shown": ["channel", "order_id"]}
    asked = browser.post("/pengaduan/new", data=typed | {"_prefill": "1"})
    assert asked.status_code == 200
    beside(asked.text, "Nur Aini", "Rp1.250.000")
    assert 'value="ord-1"' in asked.text
    refused = browser.post("/pengaduan/new", data=typed)
    assert refused.status_code == 422
    beside(refused.text, "Nur Aini")
    taken = browser.post("/pengaduan/new", data=typed | {"_take": "customer:ORD-1"}).text
    assert re.search(r'<input[^>]*name="name"[^>]*value="Nur Aini"|value="Nur Aini"[^>]*name="name"', taken)
    assert browser.get("/api/v1/pengaduan/").json["count"] == 0
    for typed, said in (
        ({"order_id": "x", "phone": "0811-900-800"}, "Yohana"),
        ({"phone": "0899 1234 567"}, "tidak ada dalam data"),
        ({"_words": "nur a"}, "ORD-1"),
        ({}, "tampil di sini"),
    ):
        assert said in browser.post("/pengaduan/new/known", data=typed).text, typed
    assert cast.login("qa").post("/pengaduan/new/known", data={"_words": "nur a"}).status_code == 403


def beside(page: str, *said: str) -> None:
    aside = page.split("<aside")[1].split("</aside>")[0]
    for words in said:
        assert words in aside


def test_a_preview_then_loading_it(app: Flask, supervisor: FlaskClient) -> None:
    page = sent(supervisor, TABLE)
    assert page.status_code == 200
    assert re.search(r"<dt>New</dt>\s*<dd>2</dd>", page.text)
    assert "Line 3, ORD-2: Name is required." in page.text
    assert count(app) == 0
    done = load(supervisor, ticket(page))
    assert done.status_code == 200
    assert "2 rows saved" in done.text
    assert count(app) == 2
    listed = supervisor.get("/customers/")
    assert "Rp1,250,000" in listed.text
    assert "0812-3344-5566" in listed.text
    found = supervisor.get("/customers/?q=yohana").text
    assert "ORD-3" in found
    assert "ORD-1" not in found


def test_a_second_time_there_is_nothing_to_load(supervisor: FlaskClient) -> None:
    load(supervisor, ticket(sent(supervisor, TABLE)))
    page = sent(supervisor, TABLE)
    assert 'name="ticket"' not in page.text
    changed = sent(supervisor, TABLE.replace("1.250.000", "900.000"))
    assert "<del>Rp1,250,000</del> → <ins>Rp900,000</ins>" in changed.text


@pytest.mark.parametrize(
    ("table", "sentence"),
    [("Renée;x".encode("cp1252"), "utf-8"), ("a;b\n1;2\n", "no column"), ("", "no column")],
)
def test_a_wrong_file_is_one_clear_sentence(
    app: Flask, supervisor: FlaskClient, table: str | bytes, sentence: str
) -> None:
    page = sent(supervisor, table)
    assert page.status_code == 400
    [message] = re.findall(r'role="alert">\s*<p>(.*?)</p>', page.text, re.S)
    assert sentence in message
    assert count(app) == 0


def test_no_file_is_refused_as_well(supervisor: FlaskClient) -> None:
    page = supervisor.post("/customers/load", data={})
    assert page.status_code == 400
    assert "choose a file" in page.text


def test_a_ticket_is_good_for_its_owner_alone(app: Flask, cast: Cast, supervisor: FlaskClient) -> None:
    good = ticket(sent(supervisor, TABLE))
    assert load(supervisor, good + "x").status_code == 400
    assert supervisor.post("/customers/apply", data={}).status_code == 400
    assert load(cast.login("admin"), good).status_code == 403
    assert count(app) == 0
    assert load(supervisor, good).status_code == 200
    assert count(app) == 2
    assert "The file is gone" in load(supervisor, good).text


def test_nobody_writes_a_customer_by_hand(supervisor: FlaskClient) -> None:
    for page in ("add", "edit/1", "show/1", "delete/1"):
        assert supervisor.get(f"/customers/{page}").status_code in (403, 404), page


@pytest.fixture
def others(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody else writes whenever a row of a table is read, and waits for nobody; answers what they wrote."""
    monkeypatch.setattr(customers, "BATCH", 1)
    path, wrote, entries = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database, [], customers.entries

    def slowly(*arguments: Any) -> Iterator[Any]:
        for entry in entries(*arguments):
            with closing(sqlite3.connect(str(path), timeout=0)) as other, other:
                other.execute("UPDATE ab_user SET login_count = coalesce(login_count, 0) + 1")
            wrote.append(str(entry))
            yield entry

    monkeypatch.setattr(customers, "entries", slowly)
    return wrote


@sqlite_alone
def test_a_preview_blocks_nobody(supervisor: FlaskClient, others: list[str]) -> None:
    """However long the table is, others go on writing."""
    assert sent(supervisor, TABLE).status_code == 200
    assert len(others) == 3


@sqlite_alone
def test_nor_does_reading_while_it_is_loaded(app: Flask, supervisor: FlaskClient, others: list[str]) -> None:
    """The lock is held to write a batch, not to read the table."""
    found = ticket(sent(supervisor, TABLE))
    page = load(supervisor, found)
    assert re.search(r"<dt>New</dt>\s*<dd>2</dd>", page.text), page.text
    assert len(others) == 9, "the preview, the look ahead, the loading"
    assert count(app) == 2


def test_loading_looks_again_at_what_it_writes_on(app: Flask, supervisor: FlaskClient) -> None:
    """Between a preview and its loading others may load as well."""
    found = ticket(sent(supervisor, TABLE))
    load(supervisor, ticket(sent(supervisor, TABLE.replace("Nur Aini", "Nur Ainun"))))
    page = load(supervisor, found)
    assert re.search(r"<dt>New</dt>\s*<dd>0</dd>", page.text)
    assert re.search(r"<dt>Changed</dt>\s*<dd>1</dd>", page.text)
    with app.app_context():
        assert db.session.scalar(select(Customer.name).where(Customer.code == "ORD-1")) == "Nur Aini"
