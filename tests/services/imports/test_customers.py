"""Customers are loaded from a table: previewed, updated by order id, refused as a whole or row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Customer
from app.services.core.errors import Conflict, Malformed
from app.services.imports import customers

HEADING = "Nama;Telepon;E-mail;Order ID;Produk;Tagihan;Jatuh Tempo;Status"
ROWS = (
    "Nur Aini;0812 3344 5566;nur@contoh.example;ORD-1;Pinjaman Kilat;Rp1.250.000;25/11/2026;Disetujui",
    "Yohana Tambunan;+62811900800;;ORD-2;;;;Diproses",
)


@pytest.fixture
def inside(any_app: Flask) -> Iterator[Flask]:
    with any_app.test_request_context(), force_locale("en"):
        yield any_app


def table(folder: Path, *rows: str, heading: str = HEADING, encoding: str = "utf-8", end: str = "\r\n") -> Path:
    path = folder / "pelanggan.csv"
    path.write_bytes(end.join([heading, *rows, ""]).encode(encoding))
    return path


def known(code: str) -> Customer:
    db.session.expire_all()
    return db.session.scalars(select(Customer).where(Customer.code == code)).one()


def count() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Customer)) or 0)


def test_a_preview_changes_nothing(inside: Flask, tmp_path: Path) -> None:
    outcome = customers.preview(table(tmp_path, *ROWS))
    assert (outcome.new, outcome.changed, outcome.unchanged, outcome.bad) == (2, 0, 0, [])
    assert count() == 0


@pytest.mark.parametrize(
    ("heading", "encoding"),
    [
        (HEADING, "utf-8"),
        (HEADING, "utf-8-sig"),
        ("Name;Phone number;E-mail;Order ID;Product;Bill outstanding;Due date;Application status", "utf-8"),
        ("NAMA; no. telepon ;EMAIL;order_id;Produk;Jumlah Tagihan;Jatuh tempo;Status Aplikasi", "utf-8"),
    ],
)
def test_customers_are_taken_over(inside: Flask, tmp_path: Path, heading: str, encoding: str) -> None:
    done: list[int] = []
    outcome = customers.take_over(table(tmp_path, *ROWS, heading=heading, encoding=encoding), progress=done.append)
    assert (outcome.new, sum(done), count()) == (2, 2, 2)
    customer = known("ORD-1")
    assert (customer.name, customer.phone, customer.phone_normalised) == (
        "Nur Aini",
        "0812 3344 5566",
        "+6281233445566",
    )
    assert (customer.email, customer.product) == ("nur@contoh.example", "Pinjaman Kilat")
    assert (customer.bill, customer.due_date, customer.application_status) == (
        1_250_000,
        date(2026, 11, 25),
        "Disetujui",
    )
    assert (known("ORD-2").bill, known("ORD-2").due_date, known("ORD-2").active) == (None, None, True)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_is_between_the_columns(inside: Flask, tmp_path: Path, delimiter: str) -> None:
    rows = [row.replace(";", delimiter) for row in ROWS]
    assert customers.preview(table(tmp_path, *rows, heading=HEADING.replace(";", delimiter), end="\n")).new == 2


def test_a_second_time_nothing_changes(inside: Flask, tmp_path: Path) -> None:
    customers.take_over(table(tmp_path, *ROWS))
    outcome = customers.take_over(table(tmp_path, *ROWS))
    assert (outcome.new, outcome.changed, outcome.unchanged, count()) == (0, 0, 2, 2)


def test_a_customer_is_updated_by_his_order_id(inside: Flask, tmp_path: Path) -> None:
    customers.take_over(table(tmp_path, *ROWS))
    before = known("ORD-1").id
    path = table(tmp_path, "ORD-1;Nur Aini;0813 0000 1111;0", heading="Order ID;Nama;Telepon;Tagihan")
    [change] = customers.preview(path).changes
    assert (change.code, dict(change.values)) == (
        "ORD-1", {"phone": ("0812 3344 5566", "0813 0000 1111"), "bill": (1_250_000, 0)},
    )  # fmt: skip
    assert customers.take_over(path).changed == 1
    customer = known("ORD-1")
    assert (customer.id, customer.bill, customer.phone_normalised) == (before, 0, "+6281300001111")
    assert customer.product == "Pinjaman Kilat", "a column that the file does not have is left alone"
    customers.take_over(table(tmp_path, "ORD-1;Nur Aini;0813 0000 1111;", heading="Order ID;Nama;Telepon;Produk"))
    assert known("ORD-1").product == "", "an empty cell empties"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (";0812;a@b.id;ORD-3;;;;", "^Name"),
        ("Ani;;;ORD-3;;;;", "Phone"),
        ("Ani;tidak ada;;ORD-3;;;;", "Phone"),
        ("Ani;12;;ORD-3;;;;", "Phone"),
        ("Ani;0812;bukan email;ORD-3;;;;", "E-mail.*name@example.com"),
        ("Ani;0812;;;;;;", "Order ID"),
        ("Ani;0812;;ORD-1;;;;", "Order ID"),
        ("Ani;0812;;ORD-3;;sejuta;;", "Bill.*rupiah"),
        ("Ani;0812;;ORD-3;;-5;;", "Bill.*small"),
        ("Ani;0812;;ORD-3;;;31/02/2026;", "Due date"),
        ("Ani;0812;;" + "X" * 65 + ";;;;", "too long"),
        ("Ani;0812;;ORD-3;;;;Baik;lebih", "more cells"),
    ],
)
def test_a_bad_row_is_listed_with_its_line_and_the_others_go_on(
    inside: Flask, tmp_path: Path, row: str, reason: str
) -> None:
    path = table(tmp_path, ROWS[0], "", row, ROWS[1])
    outcome = customers.take_over(path)
    [bad] = outcome.bad
    assert bad.line == 4
    assert re.search(reason, bad.reason, re.I), bad.reason
    assert (outcome.new, count()) == (2, 2)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_wrong_encoding_is_one_sentence_and_changes_nothing(inside: Flask, tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path, ROWS[0], *[f"Ani;0812;;ORD-0{n};;;;" for n in range(1000)],
                 "Renée;0812;;ORD-X;;;;", encoding=encoding)  # fmt: skip
    with pytest.raises(Malformed, match="utf-8"):
        customers.take_over(path)
    assert count() == 0
    assert customers.take_over(path, encoding).new == 1002


@pytest.mark.parametrize("heading", ["Nama;Telepon;Produk", "a;b;c", "", "Nama;Nama;Telepon;Order ID"])
def test_wrong_columns_are_one_sentence_and_change_nothing(inside: Flask, tmp_path: Path, heading: str) -> None:
    with pytest.raises(Malformed, match="column"):
        customers.take_over(table(tmp_path, *ROWS, heading=heading))
    assert count() == 0


def test_many_go_in_batches(inside: Flask, tmp_path: Path) -> None:
    rows = [f"Ani {n};0812{n:07};;ORD-{n};;;;" for n in range(1201)]
    done: list[int] = []
    assert customers.take_over(table(tmp_path, *rows), progress=done.append).new == 1201
    assert done == [500, 500, 201]


def test_whoever_loads_at_the_same_moment_is_refused(
    pg_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL lets two write at once; a customer who came in between is not entered twice."""
    written = customers._write

    def late(session: Session, entry: customers.Entry, known: Mapping[str, Customer]) -> None:
        if entry.code == "ORD-1":
            with Session(db.engine) as other, other.begin():
                written(other, entry, {})
        written(session, entry, known)

    monkeypatch.setattr(customers, "_write", late)
    with pg_app.test_request_context(), force_locale("en"):
        with pytest.raises(Conflict, match="Somebody else has just done this"):
            customers.take_over(table(tmp_path, *ROWS))
        assert count() == 1


def test_the_command_lists_and_changes_nothing_without_apply(app: Flask, tmp_path: Path) -> None:
    path = table(tmp_path, *ROWS, "Ani;;;ORD-9;;;;")
    said = app.test_cli_runner().invoke(args=["import-customers", str(path)])
    assert said.exit_code == 0, said.output
    assert "4" in said.output
    with app.app_context():
        assert count() == 0
    said = app.test_cli_runner().invoke(args=["import-customers", str(path), "--apply"])
    assert said.exit_code == 0, said.output
    with app.app_context():
        assert count() == 2
    wrong = app.test_cli_runner().invoke(args=["import-customers", str(table(tmp_path, heading="x;y"))])
    assert wrong.exit_code == 1
    assert wrong.output.count("\n") == 1
