"""Forms made from the declaration: create, repeat contact, hearings, prefilling, one case for two clicks."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from wtforms import SelectMultipleField

from app.extensions import db
from app.models import Case
from app.panel.steps.forms import StepForm, answers
from app.services.cases import facts
from app.sop import SOPS
from app.workflow.declaration import Choice, Field, Transition
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, REPORT, SOMASI, file, posko, send, somasi


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.query(Case).count()


def test_create_form_asks_what_the_sop_declares(cast: Cast) -> None:
    text = cast.login("legal").get("/somasi/new").text
    for field in SOPS["somasi"].create.fields:
        assert f'<label for="field-{field.key}">' in text
        assert f'name="{field.key}"' in text
    assert re.search(r'<input type="file"[^>]*name="somasi"  ?accept="application/pdf,[^"]*\.pdf', text)
    assert 'data-date="date"' in text
    assert 'type="tel"' in text
    assert 'inputmode="numeric"' in text


def test_refused_creation_keeps_everything(app: Flask, cast: Cast) -> None:
    answer = cast.login("legal").post("/somasi/new", data=SOMASI | {"letter_date": "kapan-kapan", "_submission": "abc"})
    assert answer.status_code == 400
    for typed in ("kapan-kapan", "Kantor Hukum Wijaya", "Rp1.250.000", "Tidak sampai."):
        assert typed in answer.text
    assert 'name="_submission" value="abc"' in answer.text
    assert 'id="field-letter_date-error"' in answer.text
    assert 'id="file-somasi-error"' in answer.text
    assert count(app) == 0


def test_two_clicks_make_one_case(app: Flask, cast: Cast, pdf: bytes) -> None:
    legal = cast.login("legal")
    ways = {
        send(legal, "/somasi/new", SOMASI | {"_submission": "s1"}, somasi=file(pdf)).headers["Location"] for _ in "12"
    }
    assert len(ways) == 1
    assert count(app) == 1


def test_two_clicks_make_one_report_without_a_warning(app: Flask, cast: Cast) -> None:
    posko(app)
    cso = cast.login("cso")
    statuses = [cso.post("/keluhan/new", data=REPORT | {"_submission": "s1"}).status_code for _ in "12"]
    assert statuses == [302, 302]
    assert count(app) == 1


def test_only_the_creating_role_may_create(cast: Cast) -> None:
    cs = cast.login("cs")
    assert cs.get("/somasi/new").status_code == 403
    assert cs.post("/somasi/new", data=SOMASI).status_code == 403
    assert "/somasi/new" not in cs.get("/somasi/").text


def test_unknown_kind_of_file_is_refused(cast: Cast, pdf: bytes) -> None:
    answer = send(cast.login("legal"), "/somasi/new", SOMASI, somasi=file(pdf), putusan=file(pdf))
    assert answer.status_code == 400


@pytest.fixture
def warned(app: Flask, cast: Cast) -> tuple[FlaskClient, str]:
    """A CSO and the page that a second report of the same phone gives."""
    posko(app)
    cso = cast.login("cso")
    cso.post("/keluhan/new", data=REPORT)
    answer = cso.post(
        "/keluhan/new",
        data=REPORT | {"name": "Orang Lain", "address": "Lain", "customer_id": "", "description": "Masih padam"},
    )
    assert answer.status_code == 200
    return cso, answer.text


def test_open_report_is_shown_before_a_second_one(app: Flask, warned: tuple[FlaskClient, str]) -> None:
    _, text = warned
    assert count(app) == 1
    assert 'href="/keluhan/1"' in text
    assert "badge-state" in text


def test_create_anyway_keeps_everything(app: Flask, warned: tuple[FlaskClient, str]) -> None:
    cso, text = warned
    form = text.split('action="/keluhan/new"')[1]
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    assert kept["name"] == "Orang Lain"
    assert cso.post("/keluhan/new", data=kept | {"_anyway": "1"}).status_code == 302
    assert count(app) == 2


def test_repeat_contact_instead_carries_what_was_said(app: Flask, warned: tuple[FlaskClient, str]) -> None:
    cso, text = warned
    form = text.split('action="/keluhan/1/do/add_repeat_contact"')[1].split("</form>")[0]
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    page = cso.post("/keluhan/1/do/add_repeat_contact", data=kept | {"_prefill": "1"})
    assert page.status_code == 200
    assert ">Masih padam</textarea>" in page.text.replace("\r\n", "").replace(">\n", ">")
    assert 'selected value="cc_123"' in page.text
    answer = cso.post(
        "/keluhan/1/do/add_repeat_contact",
        data={"said": "Masih padam", "contact_channel": "cc_123", "contact_at": "2026-11-17T14:05"},
    )
    assert answer.status_code == 302
    case = cso.get("/keluhan/1").text
    assert "17 Nov 2026 14.05 WIB" in case
    assert '<span class="count">1</span>' in case
    assert count(app) == 1


def test_several_documents_are_asked_for_by_ticks(cast: Cast, pdf: bytes) -> None:
    page = somasi(cast.login("legal"), pdf)
    cs, first = cast.login("cs"), cast.login("legal_litigasi_1")
    send(cs, f"{page}/do/submit_documents", {"offered_compensation": "1"}, **{k: file(pdf) for k in FROM_CS})
    assert first.get(f"{page}/do/request_revision").text.count('type="checkbox"') == 9
    refused = first.post(f"{page}/do/request_revision", data={"requested": ["mom", "bukti_pod"]})
    assert refused.status_code == 422
    assert refused.text.count(" checked") == 2
    assert 'id="note-error"' in refused.text
    done = first.post(f"{page}/do/request_revision", data={"requested": ["mom", "bukti_pod"], "note": "Tidak terbaca"})
    assert done.status_code == 302
    checklist = cs.get(page).text.split('class="checklist"')[1]
    assert checklist.count("state-amber") >= 2
    assert "Tidak terbaca" in cs.get(page).text


def test_form_is_filled_with_what_the_case_has(cast: Cast, pdf: bytes) -> None:
    page = somasi(cast.login("legal"), pdf)
    cs, first = cast.login("cs"), cast.login("legal_litigasi_1")
    send(
        cs,
        f"{page}/do/submit_documents",
        {"offered_compensation": "750000"},
        **{k: file(pdf) for k in FROM_CS},
    )
    first.post(f"{page}/do/request_revision", data={"requested": "mom", "note": "x"})
    text = cs.get(f"{page}/do/submit_documents").text
    assert 'value="750.000"' in text
    assert text.count("required-mark") >= 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"customer_email": "bukan email"}, "customer_email"), ({"customer_phone": "tidak ada"}, "customer_phone")],
)
def test_an_address_that_is_none_is_explained_beside_its_field(
    app: Flask, cast: Cast, pdf: bytes, wrong: dict[str, str], field: str
) -> None:
    legal = cast.login("legal")
    answer = send(legal, "/somasi/new", SOMASI | wrong, somasi=file(pdf, "somasi.pdf"))
    assert answer.status_code == 400
    sentences = answer.text.split(f'id="field-{field}-error"')[1].split("</ul>")[0]
    assert "nama@contoh.id" in sentences or "0812-3456-7890" in sentences
    assert f'value="{wrong[field]}"' in answer.text
    with app.app_context():
        assert db.session.query(Case).count() == 0


ROWS = Field(
    "entries",
    "Entries",
    "list",
    True,
    columns=(
        Field("position", "Position", required=True),
        Field("said", "Said", "longtext"),
        Field("who", "Who", "choice", choices=(Choice("a", "A"),)),
    ),
)
STEP = Transition("note_down", "Note down", ("open",), fields=(ROWS, Field("data", "Data", "boolean", True)))


def test_rows_are_inputs_and_come_back_as_rows(app: Flask, cast: Cast) -> None:
    actor = cast.actor("cs")
    typed = MultiDict(
        {"entries-0-position": "00:10", "entries-0-said": "halo", "entries-7-position": "01:00", "data": "y"}
    )
    assert answers(STEP, typed) == {
        "entries": [
            {"position": "00:10", "said": "halo", "who": None},
            {"position": "01:00", "said": None, "who": None},
        ],
        "data": "y",
    }
    with app.test_request_context():
        form = StepForm(SOPS["somasi"], STEP, actor, None, facts.facts_for_new(actor))
        assert len(form.entries[0].rows) == 5
        again = StepForm(SOPS["somasi"], STEP, actor, None, facts.facts_for_new(actor), typed)
        assert len(again.entries[0].rows) == 6
        assert again.entries[0].rows[5][0].data == "01:00"
        # A key that WTForms itself uses as a name is no trouble.
        assert again.entries[1].control is not None
        assert again.entries[1].control.data is True


def test_ticks_stay_off_when_a_form_was_sent_without_them(app: Flask, cast: Cast) -> None:
    actor = cast.actor("cs")
    tick = Field("tick", "Tick", "boolean", default=True)
    some = Field("some", "Some", "list", choices=(Choice("a", "A"),), default=["a"])
    step = Transition("x", "X", fields=(tick, some))
    with app.test_request_context():
        blank = StepForm(SOPS["somasi"], step, actor, None, facts.facts_for_new(actor))
        sent = StepForm(SOPS["somasi"], step, actor, None, facts.facts_for_new(actor), MultiDict({"note": "x"}))
        assert [e.control.data for e in blank.entries if e.control] == [True, ["a"]]
        assert [e.control.data for e in sent.entries if e.control] == [False, []]
        assert isinstance(sent.entries[1].control, SelectMultipleField)


def test_hearing_stages_are_those_of_the_forum(app: Flask, cast: Cast, pdf: bytes) -> None:
    page = somasi(cast.login("legal"), pdf)
    pk = int(page.rsplit("/", 1)[1])
    with app.app_context():
        db.session.get(Case, pk).state = "bpsk_hearing"
        db.session.commit()
    legal = cast.login("legal")
    text = legal.get(f"{page}/do/record_hearing").text
    assert "arbitrase" in text
    assert "duplik" not in text
    done = legal.post(
        f"{page}/do/record_hearing",
        data={
            "stage": "mediasi",
            "hearing_date": "17/11/2026",
            "what_happened": "Para pihak hadir",
            "next_date": "2031-12-01",
        },
    )
    assert done.status_code == 302
    case = legal.get(page).text
    assert "Mediasi" in case.split('class="timeline"')[1]
    assert "1 Des 2031" in case
