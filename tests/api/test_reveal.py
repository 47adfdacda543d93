"""Masked data are told by one route alone, with a reason, counted and written down; what comes back masked is no
answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import AuditEntry, Reveal
from app.models.derive import case_model
from app.sop import SOPS
from tests.api.stage import fill_master_data, users_of
from tests.cast import Api, Cast
from tests.client import Json
from tests.disclosing import PAIRS, SECRET, Discloser

WHY = {"reason": "Menghubungi pelapor atas permintaannya"}
Made = Callable[..., Json]


@pytest.fixture
def cast(app: Flask, clock: Any) -> Cast:
    fill_master_data(app)
    return Cast(app)


@pytest.fixture
def made(cast: Cast) -> Made:
    """A case of an SOP in one of some states, or just recorded."""

    def make(sop: str, *states: str) -> Json:
        program = Discloser(sop, users_of(cast))
        return program.case_in(states) if states else program.create()

    return make


def masked_reader(cast: Cast, role: str) -> Api:
    return cast.api(role.lower().replace(" ", "_"), role)


@pytest.mark.parametrize(("sop", "role"), PAIRS)
def test_it_tells_what_is_masked_and_nothing_else_does(cast: Cast, made: Made, sop: str, role: str) -> None:
    case, reader = made(sop), masked_reader(cast, role)
    path = f"/{sop}/{case['id']}"
    name = (SOPS[sop].reporter or ("", ""))[0]
    told = reader.post(f"{path}/reveal", WHY)
    assert (told.status_code, told.json["values"][name]) == (200, case[name])
    assert SECRET in told.json["values"]["title"]
    assert "no-store" in told.headers["Cache-Control"]
    for read in (path, f"{path}/history", f"/{sop}/", f"/search/?q={case['number']}", "/worklist/"):
        assert SECRET not in reader.get(read).text, read


def test_some_fields_alone_leave_nothing_open(app: Flask, cast: Cast, made: Made) -> None:
    case, coo = made("intera"), masked_reader(cast, "COO")
    told = coo.post(f"/intera/{case['id']}/reveal", WHY | {"fields": ["phone"]})
    assert (told.status_code, told.json["values"]) == (200, {"phone": case["phone"]})
    page = coo.client.post("/login/", data={"username": "coo", "password": "tuntas-demo"})
    assert page.status_code == 302
    assert SECRET not in coo.client.get(f"/intera/{case['id']}").text
    with app.app_context():
        assert [one.fields for one in db.session.query(Reveal)] == [["phone"]]
        [entry] = db.session.query(AuditEntry).filter_by(action="reveal.shown")
        assert (entry.subject_name, entry.account, entry.detail["fields"]) == (case["number"], "coo", ["phone"])
        assert entry.detail["reason"] == WHY["reason"]


def test_what_is_not_masked_is_no_field_of_it(cast: Cast, made: Made) -> None:
    case, coo = made("intera"), masked_reader(cast, "COO")
    for wrong in ({"fields": ["satisfaction"]}, {"fields": "phone"}, {"fields": [1]}, {"reasons": "x"}):
        refused = coo.post(f"/intera/{case['id']}/reveal", WHY | wrong)
        assert (refused.status_code, bool(refused.json["message"])) == (400, True), wrong


def test_without_a_reason_nothing_is_told(app: Flask, cast: Cast, made: Made) -> None:
    case, coo = made("intera"), masked_reader(cast, "COO")
    for reason in ("", "   ", "x", "x" * 600):
        refused = coo.post(f"/intera/{case['id']}/reveal", {"reason": reason})
        assert (refused.status_code, refused.json["missing"][0]["key"]) == (422, "reason")
        assert SECRET not in refused.text
    with app.app_context():
        assert db.session.query(Reveal).count() == 0


def test_only_whom_the_document_names(cast: Cast, made: Made) -> None:
    """Whoever reads all of it anyway is told so; who does not see the case learns nothing of it."""
    case = made("intera")
    path = f"/intera/{case['id']}/reveal"
    assert cast.api("pic").post(path, WHY).status_code == 403
    assert cast.api("supervisor").post(path, WHY).status_code == 403
    assert masked_reader(cast, "QC").post(path, WHY).status_code in (403, 404)


def test_a_document_that_names_nobody_lets_nobody(
    cast: Cast, made: Made, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    case, sop = made("intera"), SOPS["intera"]
    request.addfinalizer(lambda named=sop.revealed_for: object.__setattr__(sop, "revealed_for", named))
    object.__setattr__(sop, "revealed_for", ())
    refused = masked_reader(cast, "COO").post(f"/intera/{case['id']}/reveal", WHY)
    assert refused.status_code == 403
    assert SECRET not in refused.text


def test_it_is_braked_per_person(app: Flask, cast: Cast, made: Made, clock: Any) -> None:
    case, coo = made("intera"), masked_reader(cast, "COO")
    app.config["REVEALS_PER_HOUR"] = 3
    path = f"/intera/{case['id']}/reveal"
    try:
        assert [coo.post(path, WHY).status_code for _each in range(4)] == [200, 200, 200, 429]
        assert SECRET not in coo.post(path, WHY).text
        with app.app_context():
            assert db.session.query(AuditEntry).filter_by(action="reveal.refused").count() == 2
        assert cast.api("boss", "Head of Product").post(path, WHY).status_code == 200
        clock.shift(timedelta(minutes=61))
        assert Api(coo.client, "coo").post(path, WHY).status_code == 200
    finally:
        app.config["REVEALS_PER_HOUR"] = 30


def test_a_mask_that_is_sent_back_overwrites_nothing(app: Flask, cast: Cast, made: Made) -> None:
    """A program reads a case, changes one answer, and sends the rest as it has read it."""
    case = made("intera", "compensation_review")
    with app.app_context():
        row: Any = db.session.get(case_model("intera"), case["id"])
        row.compensation_in_kind = f"Voucher untuk {SECRET}"
        db.session.commit()
    sop = SOPS["intera"]
    named = sop.personal
    object.__setattr__(sop, "personal", (*named, "compensation_in_kind", "compensation_amount"))
    try:
        coo = masked_reader(cast, "COO")
        read = coo.get(f"/intera/{case['id']}").json
        assert read["compensation_in_kind"] == "V*** u*** Z***"
        sent = {"compensation_in_kind": read["compensation_in_kind"], "compensation_amount": 1000}
        path = f"/intera/{case['id']}/actions/agree_compensation"
        stale = coo.post(path, sent | {"compensation_in_kind": "L*** Z***"})
        assert (stale.status_code, stale.json["missing"][0]["key"]) == (400, "compensation_in_kind")
        done = coo.post(path, sent)
        assert done.status_code == 200, done.text
    finally:
        object.__setattr__(sop, "personal", named)
    whole = cast.api("supervisor").get(f"/intera/{case['id']}").json
    assert (whole["compensation_in_kind"], whole["compensation_amount"]) == (f"Voucher untuk {SECRET}", 1000)
