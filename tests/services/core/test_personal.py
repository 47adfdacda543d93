"""Whatever its kind, what is personal is masked in what leaves the system and emptied by a purge."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import REFERENCES
from app.models.derive import case_model, record_model
from app.services.core import clock
from app.services.reports import ReportParams
from app.services.reports.appointments import of_records
from app.services.retention import purge
from app.services.tables import csv_writing
from app.sop import SOPS
from app.workflow.declaration import Field, Records, Sop
from app.workflow.values import parse
from tests.api.stage import fill_master_data
from tests.cast import Cast
from tests.samples import ANSWERS, SAMPLES, every, field_of

KEYS = sorted(SOPS)


@pytest.fixture
def office(any_app: Flask) -> Iterator[Cast]:
    fill_master_data(any_app)
    with any_app.test_request_context():
        yield Cast(any_app)
        db.session.remove()


def all_personal(sop: Sop) -> Sop:
    """The same procedure, but everything in it tells who somebody is."""
    columns = (f"{records.key}.{column.key}" for records in sop.records for column in records.columns)
    return replace(sop, personal=(*sop.fields, *columns))


def filled(sop: Sop, fields: Any) -> dict[str, Any]:
    """An answer to each field; of what refers to another case none."""
    return {one.key: value for one in fields if (value := _value(sop, one)) is not None}


def _value(sop: Sop, one: Field) -> Any:
    if one.type == "reference":
        model = REFERENCES.get(one.reference or "")
        return db.session.scalars(select(model).limit(1)).first() if model else None
    if one.choices:
        return [one.choices[0].key] if one.type == "list" else one.choices[0].key
    return parse(replace(one, minimum=None, maximum=None), SAMPLES[one.format or one.type].typed)


def a_case(sop: Sop) -> Any:
    """A case in which everything is answered, with a row of each kind of record."""
    now = clock.now()
    case = case_model(sop.key)(
        number=f"X-{sop.key}"[:32], state=sop.open_states[0], created_at=now, state_since=now, changed_at=now,
        requested_documents=[], round=1, **filled(sop, sop.fields.values()),
    )  # fmt: skip
    db.session.add(case)
    db.session.flush()
    for records in sop.records:
        row = record_model(sop.key, records.key)
        db.session.add(row(case_id=case.id, recorded_at=now, recorded_by="x", **filled(sop, records.columns)))
    db.session.commit()
    return case


@pytest.mark.parametrize("key", KEYS)
def test_a_purge_empties_whatever_is_personal(office: Cast, key: str) -> None:
    sop = SOPS[key]
    case = a_case(sop)
    purge._forget_people(db.session(), all_personal(sop), case)
    db.session.commit()
    db.session.expire_all()
    for field in sop.fields:
        assert getattr(case, field) is None, field
    for records in sop.records:
        [row] = getattr(case, records.key)
        assert [column.key for column in records.columns if getattr(row, column.key) is not None] == []


@pytest.mark.parametrize("key", KEYS)
def test_an_address_is_purged_though_nobody_declared_it_personal(office: Cast, key: str) -> None:
    sop = SOPS[key]
    case = a_case(sop)
    purge._forget_people(db.session(), replace(sop, personal=(), reporter=None), case)
    db.session.commit()
    db.session.expire_all()
    for field, one in sop.fields.items():
        if one.format in ("email", "phone", "contact") or one.reference == "customer":
            assert getattr(case, field) is None, field


@pytest.mark.parametrize("key", [key for key in KEYS if SOPS[key].appointments])
def test_a_report_masks_whatever_is_personal(office: Cast, key: str) -> None:
    [records] = SOPS[key].appointments
    a_case(SOPS[key])
    hidden = replace(all_personal(SOPS[key]), masked_for=SOPS[key].roles, unit_roles=())
    masked, plain = report_of(office, hidden, records), report_of(office, SOPS[key], records)
    for label in (str(column.label) for column in records.columns):
        assert "*" in masked[label], label
        assert plain[label], label
        assert "*" not in plain[label], label


def report_of(office: Cast, sop: Sop, records: Records) -> dict[str, str]:
    actor = office.actor(sop.roles[0].lower(), sop.roles[0])
    report = of_records(sop, records, "any")
    lines = csv_writing.csv_lines([str(label) for label in report.columns], report.rows(actor, ReportParams(lang="en")))
    [row] = csv.DictReader(io.StringIO(b"".join(lines).decode("utf-8-sig")))
    return row


@pytest.mark.parametrize("kind", every(), ids=lambda kind: kind.key)
def test_a_purge_knows_every_kind(kind: Any) -> None:
    one = field_of(kind, choices=ANSWERS) if kind.type == "list" else field_of(kind)
    sop = replace(
        SOPS["somasi"], computed_fields=(one,), records=(Records("rows", "Rows", (one,)),), personal=("field",)
    )
    assert "field" in purge.emptied_of_case(sop)
    of_rows = purge.personal.of_rows(replace(sop, personal=("rows.field",)), sop.records[0])
    assert of_rows == (one,)


def test_a_case_that_is_referred_to_is_named_by_its_number(office: Cast) -> None:
    """Its title tells what somebody wrote."""
    case = a_case(SOPS["keluhan"])
    assert csv_writing.discreet(case, True) == case.number
    assert csv_writing.discreet(case, False) is case
