"""A list as CSV: the source's headings, nothing that runs as a formula, any number of rows."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models.derive import case_model
from app.services.core import clock
from app.services.tables import csv_writing
from tests.cast import Cast
from tests.panel.helpers import counted, fill, in_english, posko, rows_of

SOURCE_HEADINGS = [
    "Report no.", "Priority", "Name", "Status", "Reporter's address", "Location", "Posko", "Phone number",
    "Description", "Cause", "Date created", "Time of outage", "Repeats",
]  # fmt: skip


@pytest.fixture
def cso(app: Flask, cast: Cast) -> FlaskClient:
    posko(app)
    return cast.login("cso")


def test_csv_has_the_headings_of_the_source(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 1)
    in_english(cso)
    answer = cso.get("/keluhan/export.csv")
    assert next(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))) == SOURCE_HEADINGS
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="keluhan-2')


def test_csv_runs_no_formula_and_keeps_phones(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 1, name="=HYPERLINK(1)", phone="+62 812 3456 7890", address="@x", description="-1+1")
    in_english(cso)
    [row] = rows_of(cso)
    assert row["Phone number"] == "0812-3456-7890"
    for heading in ("Name", "Reporter's address", "Description"):
        assert row[heading].startswith("'")


def test_csv_streams_more_rows_than_a_batch(cso: FlaskClient, cast: Cast) -> None:
    many = csv_writing.BATCH * 2 + 3
    with cast.app.app_context():
        model: Any = case_model("keluhan")
        for n in range(many):
            db.session.add(
                model(
                    number=f"K{n:06}",
                    state="reported",
                    name=f"N{n}",
                    created_at=clock.now(),
                    requested_documents=[],
                )
            )
        db.session.commit()
    with counted(cast.app) as statements:
        assert len(rows_of(cso, "?state=reported")) == many
    assert len(statements) <= 12
