"""Masked data on the page of a case: shown on click, with a reason, for a while; a form keeps what it masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models import AuditEntry
from app.models.derive import case_model
from app.services.cases import masked_input
from app.services.core import masking
from app.services.core.access import Actor
from app.sop import SOPS
from app.workflow.declaration import Sop
from tests.api.stage import fill_master_data, users_of
from tests.cast import Cast
from tests.client import Json
from tests.disclosing import OTHER, PAIRS, SECRET, Discloser

WHY = {"reason": "Menelepon kembali pelapor"}


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 23, 7, 0, tzinfo=UTC), tick=True) as traveller:
        yield traveller


@pytest.fixture
def made(app: Flask, clock: Any) -> Callable[..., Json]:
    fill_master_data(app)

    def make(sop: str, *states: str) -> Json:
        program = Discloser(sop, users_of(Cast(app)))
        return program.case_in(states) if states else program.create()

    return make


@pytest.fixture
def coo(cast: Cast) -> FlaskClient:
    return cast.login("coo")


@pytest.mark.parametrize(("sop", "role"), PAIRS)
def test_shown_on_click_with_a_reason(cast: Cast, made: Callable[..., Json], sop: str, role: str) -> None:
    case = made(sop)
    path = f"/{sop}/{case['id']}"
    client = cast.login("penyamar", role)
    page = client.get(path).text
    assert SECRET not in page
    assert f'action="{path}/reveal"' in page
    assert 'form="reveal"' in page
    for reason in ("", "x"):
        refused = client.post(f"{path}/reveal", data={"reason": reason})
        assert (refused.status_code, SECRET in refused.text) == (422, False)
        assert 'id="reveal-reason-error"' in refused.text
    shown = client.post(f"{path}/reveal", data=WHY)
    assert (shown.status_code, shown.headers["Location"]) == (302, path)
    page = client.get(path).text
    assert SECRET in page
    assert f'action="{path}/conceal"' in page
    document = page.split(f'href="{path}/documents/')
    assert len(document) == 1 or client.get(f"{path}/documents/{document[1].split(chr(34))[0]}").status_code == 200
    client.post(f"{path}/conceal")
    assert SECRET not in client.get(path).text


def test_for_that_person_that_case_and_that_while(
    cast: Cast, made: Callable[..., Json], coo: FlaskClient, clock: Any
) -> None:
    one, other = made("intera"), made("intera")
    assert coo.post(f"/intera/{one['id']}/reveal", data=WHY).status_code == 302
    assert SECRET in coo.get(f"/intera/{one['id']}").text
    assert SECRET not in coo.get(f"/intera/{other['id']}").text
    assert SECRET not in cast.login("boss", "Head of Product").get(f"/intera/{one['id']}").text
    assert SECRET not in coo.get("/intera/list/").text
    clock.shift(timedelta(minutes=16))
    assert SECRET not in coo.get(f"/intera/{one['id']}").text


def test_it_is_written_down_and_braked(app: Flask, made: Callable[..., Json], coo: FlaskClient) -> None:
    case = made("intera")
    app.config["REVEALS_PER_HOUR"] = 2
    answers = [coo.post(f"/intera/{case['id']}/reveal", data=WHY) for _each in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    with app.app_context():
        entries = db.session.query(AuditEntry).filter(AuditEntry.action.startswith("reveal."))
        assert [entry.action for entry in entries.order_by(AuditEntry.seq)] == ["reveal.shown"] * 2 + ["reveal.refused"]


def test_whom_the_document_does_not_name_has_no_button(cast: Cast, made: Callable[..., Json], coo: FlaskClient) -> None:
    case, sop = made("intera"), SOPS["intera"]
    named = sop.revealed_for
    object.__setattr__(sop, "revealed_for", ())
    try:
        assert "reveal" not in coo.get(f"/intera/{case['id']}").text.split("<main")[1]
        assert coo.post(f"/intera/{case['id']}/reveal", data=WHY).status_code == 403
    finally:
        object.__setattr__(sop, "revealed_for", named)
    pic = cast.login("pic").get(f"/intera/{case['id']}").text
    assert SECRET in pic
    assert 'id="masked"' not in pic


def personal(sop: Sop, request: pytest.FixtureRequest, *keys: str) -> None:
    """These fields of the SOP are personal data as well, for the time of a test."""
    request.addfinalizer(lambda before=sop.personal: object.__setattr__(sop, "personal", before))
    object.__setattr__(sop, "personal", (*sop.personal, *keys))


def stored(app: Flask, sop: str, pk: int) -> Any:
    with app.app_context():
        return db.session.get(case_model(sop), pk)


def test_a_form_that_masks_keeps_what_there_is(
    app: Flask, made: Callable[..., Json], coo: FlaskClient, request: pytest.FixtureRequest
) -> None:
    """The step asks again for what the case has: a text, an amount. It is sent as the form had it."""
    case = made("intera", "compensation_review")
    path = f"/intera/{case['id']}/do/agree_compensation"
    with app.app_context():
        row: Any = db.session.get(case_model("intera"), case["id"])
        row.compensation_in_kind, row.compensation_amount = f"Voucher {SECRET} {OTHER}", 750_000
        version = row.version
        db.session.commit()
        version = row.version
    personal(SOPS["intera"], request, "compensation_in_kind", "compensation_amount")
    form = coo.get(path).text
    assert 'value="V*** Z*** W***"' in form
    assert 'value="***"' in form
    assert SECRET not in form
    sent = {"version": str(version), "_shown": ["compensation_in_kind", "compensation_amount"]}
    wrong = coo.post(path, data=sent | {"compensation_in_kind": "A*** B***", "compensation_amount": "***"})
    assert wrong.status_code == 400
    assert 'id="field-compensation_in_kind-error"' in wrong.text
    done = coo.post(path, data=sent | {"compensation_in_kind": "V*** Z*** W***", "compensation_amount": "***"})
    assert done.status_code == 302, done.text
    row = stored(app, "intera", case["id"])
    assert (row.compensation_in_kind, row.compensation_amount) == (f"Voucher {SECRET} {OTHER}", 750_000)


def test_it_keeps_it_too_when_it_was_revealed_meanwhile(
    app: Flask, made: Callable[..., Json], coo: FlaskClient, request: pytest.FixtureRequest
) -> None:
    """In another tab: the form is still from before."""
    case = made("intera", "compensation_review")
    with app.app_context():
        row: Any = db.session.get(case_model("intera"), case["id"])
        row.compensation_in_kind = f"Voucher {SECRET}"
        db.session.commit()
    personal(SOPS["intera"], request, "compensation_in_kind")
    coo.post(f"/intera/{case['id']}/reveal", data=WHY)
    sent = {"compensation_in_kind": "V*** Z***", "_shown": "compensation_in_kind", "compensation_amount": "1000"}
    assert coo.post(f"/intera/{case['id']}/do/agree_compensation", data=sent).status_code == 302
    assert stored(app, "intera", case["id"]).compensation_in_kind == f"Voucher {SECRET}"


def test_what_they_write_anew_is_taken(
    app: Flask, made: Callable[..., Json], coo: FlaskClient, request: pytest.FixtureRequest
) -> None:
    case = made("intera", "compensation_review")
    personal(SOPS["intera"], request, "compensation_in_kind")
    sent = {"compensation_in_kind": "Kuota 10 GB", "_shown": "compensation_in_kind", "compensation_amount": "1000"}
    assert coo.post(f"/intera/{case['id']}/do/agree_compensation", data=sent).status_code == 302
    assert stored(app, "intera", case["id"]).compensation_in_kind == "Kuota 10 GB"


def test_rows_that_a_form_replaces_keep_their_masked_cells(app: Flask, cast: Cast, clock: Any) -> None:
    """Whoever wrote a chronology gets it back for a second version, and by then masked."""
    fill_master_data(app)
    program, sop = Discloser("hard_complaint", users_of(cast)), SOPS["hard_complaint"]
    case = program.do(program.case_in(["analysis"]), "submit_chronology")
    step, reader = sop.transition_by_key["submit_chronology"], Actor(7, "Q", frozenset({"QC"}))
    with app.app_context():
        row: Any = db.session.get(case_model("hard_complaint"), case["id"])
        [kept] = row.chronology
        sent = {"position": kept.position, "speaker": kept.speaker, "said": masking.mask(kept.said)}
        answers, wrong = masked_input.with_rows(reader, sop, step, {"chronology": [sent]}, row)
        assert (answers["chronology"][0]["said"], wrong) == (kept.said, {})
        for other in ({"said": "X*** Y***"}, {"position": 99}):
            _answers, wrong = masked_input.with_rows(reader, sop, step, {"chronology": [sent | other, sent]}, row)
            assert other.keys() == {"position"} or [cell.row for cell in wrong["chronology"].rows] == [1]
