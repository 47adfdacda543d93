"""The customer list for programs: for whom an SOP names, and masked for whom it masks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from unittest.mock import patch

import pytest
from flask import Flask

from app.extensions import db
from app.models import Customer
from app.services.core import customers
from app.services.core.access import Actor
from app.sop import SOPS
from tests.cast import Cast

AINI = {
    "order_id": "ORD-1", "name": "Nur Aini", "phone": "0812 3344 5566", "email": "aini@contoh.example",
    "product": "Kilat", "bill": 1_250_000, "due_date": "2026-12-01", "application_status": "Disetujui",
}  # fmt: skip


@pytest.fixture(autouse=True)
def known(app: Flask) -> None:
    with app.app_context():
        db.session.add(
            Customer(
                code="ORD-1", name="Nur Aini", phone="0812 3344 5566", phone_normalised="+6281233445566",
                email="aini@contoh.example", product="Kilat", bill=1_250_000, due_date=date(2026, 12, 1),
                application_status="Disetujui",
            )
        )  # fmt: skip
        db.session.add(Customer(code="ORD-2", name="Yohana", phone="0811900800", phone_normalised="+62811900800"))
        db.session.commit()


@pytest.mark.parametrize("name", ["cs", "supervisor", "admin"])
@pytest.mark.parametrize("words", ["aini", "ord-1", "+62 812-3344", "081233445566", "@contoh"])
def test_they_are_found_by_name_order_id_phone_and_mail(cast: Cast, name: str, words: str) -> None:
    found = cast.api(name).get("/customers/", query_string={"q": words})
    assert found.json == {"count": 1, "page": 1, "pages": 1, "result": [AINI]}


def test_without_words_there_are_all_of_them_by_name(cast: Cast) -> None:
    cs = cast.api("cs")
    assert [one["name"] for one in cs.get("/customers").json["result"]] == ["Nur Aini", "Yohana"]
    assert cs.get("/customers/?page=2").json["result"] == []
    assert cs.get("/customers/?page=x").status_code == 400
    assert cs.get("/customers/?q=%25").json["count"] == 0


@pytest.mark.parametrize("name", ["qa", "legal", "cso", "qc"])
def test_nobody_else_gets_any(cast: Cast, name: str) -> None:
    assert cast.api(name).get("/customers/?q=aini").status_code == 403


@pytest.fixture
def masked() -> Iterator[Actor]:
    """CS, as if complaints were masked for them."""
    sop = replace(SOPS["pengaduan"], masked_for=("CS",))
    with patch.dict(SOPS, {"pengaduan": sop}):
        yield Actor(None, "", frozenset({"CS"}))


def test_who_gets_complaints_masked_gets_customers_so(app: Flask, masked: Actor) -> None:
    with app.app_context():
        row = db.session.query(Customer).filter_by(code="ORD-1").one()
        read = customers.read_by(masked, row)
        assert (read["name"], read["phone"], read["code"]) == ("N*** A***", "0812*****566", "O***")
        assert "aini" not in str(read)
        assert read["product"] == "Kilat"
        for words, many in (("aini", 0), ("0812", 0), ("ord-1", 1), ("0812-3344-5566", 1)):
            assert db.session.query(Customer).filter(customers.having(masked, words)).count() == many, words
