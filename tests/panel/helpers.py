"""What the tests of the panel share: filled forms, counted queries."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Posko, Unit
from app.panel.cases import columns
from app.services.cases import transitions
from app.sop import SOPS
from tests.cast import Cast

SOMASI = {
    "letter_number": "12/LH/2026", "letter_date": "2026-11-02", "received_date": "2026-11-04",
    "sender": "Kantor Hukum Wijaya", "customer_name": "Budi Santoso", "customer_phone": "0812 3456 7890",
    "subject": "Paket hilang", "chronology": "Dikirim tanggal 1.\nTidak sampai.",
    "claimed_amount": "Rp1.250.000", "letter_deadline": "2030-01-31",
}  # fmt: skip
REPORT = {
    "name": "Siti Rahma", "address": "Jl. Mawar 1", "posko": "menteng", "phone": "0812-3456-7890",
    "description": "Lampu padam sejak pagi", "channel": "cc_123", "customer_id": "541100223344",
}  # fmt: skip
FROM_CS = ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "mom")


def file(content: bytes, name: str = "berkas.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def send(client: FlaskClient, path: str, answers: dict[str, Any], **files: tuple[io.BytesIO, str]) -> TestResponse:
    return client.post(path, data=answers | files, content_type="multipart/form-data")


def refused(client: FlaskClient, path: str, answers: dict[str, Any], field: str) -> None:
    """The form comes back with a sentence beside ``field``."""
    answer = client.post(path, data=answers)
    assert answer.status_code == 200, answers
    assert f'class="field-error" id="{field}-error"' in answer.text, answers


def one_time_password(page: TestResponse) -> str:
    """The one-time password that a page shows."""
    found = re.search(r'id="one-time">([^<]+)<', page.text)
    assert found is not None, page.text
    return found[1]


def somasi(client: FlaskClient, pdf: bytes, **answers: Any) -> str:
    """A new demand letter; its path."""
    answer = send(client, "/somasi/new", SOMASI | answers, somasi=file(pdf, "somasi.pdf"))
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].split("?")[0]


def posko(app: Flask) -> None:
    """The posko of ``REPORT``, in unit ``ulp_menteng``."""
    with app.app_context():
        unit = Unit(code="ulp_menteng", name="ULP Menteng", active=True)
        db.session.add(Posko(code="menteng", name="Posko Menteng", active=True, unit=unit))
        db.session.commit()


def fill(cast: Cast, many: int, **answers: Any) -> list[int]:
    actor = cast.actor("cso")
    with cast.app.app_context():
        return [
            transitions.create(actor, "keluhan", REPORT | {"name": f"Warga {n:03}"} | answers).id for n in range(many)
        ]


def in_english(client: FlaskClient) -> None:
    client.get("/lang/en")


def show_columns(client: FlaskClient, sop: str, *keys: str) -> None:
    """The reader has these columns beside the case and its state in the list of ``sop``; none named: all there are."""
    wanted = keys or [column.key for column in columns.offered(SOPS[sop])]
    assert client.post(f"/{sop}/columns", data={"column": list(wanted)}).status_code == 302


def rows_of(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    """The rows of the list as they are taken, in the dialect of the reader's language."""
    answer = client.get(f"/keluhan/export.csv{query}")
    assert answer.status_code == 200
    assert answer.data.startswith("\ufeff".encode())
    text = answer.data.decode("utf-8-sig")
    separator = ";" if ";" in text.splitlines()[0] else ","
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database inside."""
    statements: list[str] = []

    def heard(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", heard)
