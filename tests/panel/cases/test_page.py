"""The page of a case: what it shows to whom, its buttons, documents, steps and refusals."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Case
from app.services.cases import transitions
from app.services.documents import documents
from app.services.documents.documents import Upload
from app.sop import SOPS
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, REPORT, SOMASI, counted, file, posko, send, somasi


@pytest.fixture
def legal(cast: Cast) -> FlaskClient:
    return cast.login("legal")


@pytest.fixture
def page(legal: FlaskClient, pdf: bytes) -> str:
    return somasi(legal, pdf)


def test_shows_number_state_deadline_turn_and_facts(legal: FlaskClient, page: str) -> None:
    text = legal.get(page).text
    assert "SOM-" in text
    assert "badge-state state-amber" in text
    assert re.search(r"deadline-ok.*?31 Jan 2030", text, re.S)
    assert "<strong>CS</strong>" in text
    assert "Rp1.250.000" in text
    assert "0812-3456-7890" in text
    assert "Kantor Hukum Wijaya" in text


def test_one_can_write_and_call_by_a_click(legal: FlaskClient, pdf: bytes) -> None:
    path = somasi(legal, pdf, customer_email="budi+kasus@contoh.example")
    text = legal.get(path).text
    assert '<a href="mailto:budi%2Bkasus@contoh.example">budi+kasus@contoh.example</a>' in text
    assert '<a class="nowrap" href="tel:+6281234567890">0812-3456-7890</a>' in text


def test_empty_facts_stay_out(legal: FlaskClient, page: str) -> None:
    facts = legal.get(page).text.split('class="facts"')[1].split("</dl>")[0]
    assert facts.count("<dt>") == len(SOMASI)


def test_number_is_shown_large_after_saving(legal: FlaskClient, page: str) -> None:
    assert "num-large" in legal.get(f"{page}?created=1").text
    assert "num-large" not in legal.get(page).text


def test_buttons_tell_what_is_lacking(cast: Cast, page: str) -> None:
    text = cast.login("cs").get(page).text
    button = text.split("/do/submit_documents")[1].split("</li></ul>")[0]
    assert button.count("<li>") >= 5


def test_others_have_no_button(legal: FlaskClient, page: str) -> None:
    assert "/do/submit_documents" not in legal.get(page).text


def test_step_with_files_and_fields(cast: Cast, page: str, pdf: bytes) -> None:
    files = {key: file(pdf) for key in FROM_CS}
    answer = send(
        cast.login("cs"),
        f"{page}/do/submit_documents",
        {"offered_compensation": "750.000", "version": "1"},
        **files,
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == page
    text = cast.login("legal_litigasi_1").get(page).text
    assert "Rp750.000" in text
    assert 'action="' + page + '/do/accept_documents"' in text


def test_button_without_questions_is_one_click(cast: Cast, page: str, pdf: bytes) -> None:
    send(
        cast.login("cs"),
        f"{page}/do/submit_documents",
        {"offered_compensation": "1"},
        **{k: file(pdf) for k in FROM_CS},
    )
    first = cast.login("legal_litigasi_1")
    version = re.search(r'name="version" value="(\d+)"', first.get(page).text)
    assert version
    assert first.post(f"{page}/do/accept_documents", data={"version": version[1]}).status_code == 302


def test_refusal_keeps_what_was_typed_and_lists_everything(cast: Cast, page: str) -> None:
    answer = cast.login("cs").post(f"{page}/do/submit_documents", data={"note": "menyusul besok"})
    assert answer.status_code == 422
    alert = answer.text.split('role="alert"')[1].split("</div>")[0]
    assert alert.count("<li>") == 7
    assert "menyusul besok" in answer.text
    assert 'id="field-offered_compensation-error"' in answer.text
    assert 'aria-describedby="field-offered_compensation-error"' in answer.text


def test_unreadable_answer_is_shown_as_typed(cast: Cast, page: str) -> None:
    answer = cast.login("cs").post(f"{page}/do/submit_documents", data={"offered_compensation": "banyak <b>"})
    assert answer.status_code == 400
    assert 'value="banyak &lt;b&gt;"' in answer.text


def test_second_user_learns_who_was_first(cast: Cast, page: str, pdf: bytes) -> None:
    files = {"offered_compensation": "1", "version": "1"}
    send(cast.login("cs"), f"{page}/do/submit_documents", files, **{k: file(pdf) for k in FROM_CS})
    answer = send(cast.login("cs2", "cs"), f"{page}/do/submit_documents", files, **{k: file(pdf) for k in FROM_CS})
    assert answer.status_code == 409
    assert "Cs Uji" in answer.text
    assert f'href="{page}"' in answer.text


def test_wrong_role_or_state_gets_no_form(cast: Cast, page: str) -> None:
    assert cast.login("legal").get(f"{page}/do/accept_documents").status_code == 403
    assert cast.login("legal_litigasi_1").get(f"{page}/do/accept_documents").status_code == 409
    assert cast.login("cs").get(f"{page}/do/nonsense").status_code == 404
    assert cast.login("cs").get(f"{page}/do/submit").status_code == 404


def test_four_eyes_are_explained_on_a_grey_button(app: Flask, cast: Cast, page: str, pdf: bytes) -> None:
    both = cast.login("dua_jabatan", "legal_litigasi_1", "legal_litigasi_2")
    send(
        cast.login("cs"),
        f"{page}/do/submit_documents",
        {"offered_compensation": "1"},
        **{k: file(pdf) for k in FROM_CS},
    )
    both.post(f"{page}/do/accept_documents")
    send(both, f"{page}/do/submit_draft", {}, draft_tanggapan=file(pdf), analisis_kasus=file(pdf))
    text = both.get(page).text
    assert 'class="btn btn-default disabled"' in text
    assert f'action="{page}/do/approve_litigation"' not in text
    assert both.post(f"{page}/do/approve_litigation").status_code == 403


def test_follow_and_stop(legal: FlaskClient, page: str) -> None:
    assert legal.post(f"{page}/follow", data={"wanted": "1"}).status_code == 302
    assert 'name="wanted" value="0"' in legal.get(page).text
    legal.post(f"{page}/follow", data={"wanted": "0"})
    assert 'name="wanted" value="1"' in legal.get(page).text


def test_mutation_is_shown_on_both_pages(app: Flask, cast: Cast) -> None:
    posko(app)
    path = cast.login("cso").post("/keluhan/new", data=REPORT).headers["Location"].split("?")[0]
    unit = cast.login("unit", unit="ulp_menteng")
    assert unit.post(f"{path}/do/mutate_to_gangguan", data={"mutation_reason": "urgent"}).status_code == 302
    with app.app_context():
        outage = db.session.query(Case).filter_by(sop="gangguan").one()
        new, new_path = outage.number, f"/gangguan/{outage.id}"
        old = db.session.query(Case.number).filter_by(sop="keluhan").scalar()
    assert f'<a href="{new_path}">{new}</a>' in unit.get(path).text
    assert f'<a href="{path}">{old}</a>' in unit.get(new_path).text
    assert 'role="note"' in cast.login("cso").get(new_path).text
    assert 'role="note"' not in unit.get(new_path).text


def test_diagram_has_title_description_and_words(legal: FlaskClient, page: str) -> None:
    [svg] = [one for one in legal.get(page).text.split("<svg")[1:] if "sop-title" in one]
    svg = svg.split("</svg>")[0]
    assert 'role="img"' in svg
    assert "<title" in svg
    assert "<desc" in svg
    assert svg.count("<rect") == len(SOPS["somasi"].states)
    assert svg.count('stroke-width="4"') == 1


def test_queries_do_not_grow(app: Flask, cast: Cast, page: str, pdf: bytes) -> None:
    cs, actor = cast.login("cs"), cast.actor("cs")
    pk = int(page.rsplit("/", 1)[1])
    numbers = []
    for more in (1, 25):
        with app.app_context():
            for n in range(more):
                another = pdf + b"%%%d of %d" % (n, more)
                documents.upload(actor, "somasi", pk, "bukti_pod", Upload("pod.pdf", file(another)[0]))
        cs.get(page)
        with counted(app) as statements:
            assert cs.get(page).status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
    assert numbers[1] <= 12, statements


def test_another_units_case_is_not_there(app: Flask, cast: Cast) -> None:
    posko(app)
    cso = cast.actor("cso")
    with app.app_context():
        case = transitions.create(cso, "keluhan", REPORT)
        pk = case.id
    stranger = cast.login("unit_lain", "unit", unit="ulp_lain")
    assert stranger.get(f"/keluhan/{pk}").status_code == 404
    assert stranger.post(f"/keluhan/{pk}/do/start").status_code == 404
    assert stranger.post(f"/keluhan/{pk}/documents", data={"type": "foto"}).status_code == 404
    assert stranger.post(f"/keluhan/{pk}/follow", data={"wanted": "1"}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/somasi/", "/somasi/1", "/somasi/new", "/somasi/1/do/submit_documents", "/somasi/export.csv"]
)
def test_rights(cast: Cast, path: str) -> None:
    assert cast.login("cso").get(path).status_code == 403
    answer = cast.app.test_client().get(path)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/login/")


def test_only_our_own_routes_are_there(app: Flask) -> None:
    ours = {
        "", "export.<any(csv,xlsx):form>", "new", "<int:pk>", "<int:pk>/documents",
        "<int:pk>/documents/<int:document>", "<int:pk>/documents/<int:document>/text", "new/files", "new/known",
        "<int:pk>/do/<key>/files", "<int:pk>/follow", "<int:pk>/do/<key>", "<int:pk>/take",
        "<int:pk>/put-back", "<int:pk>/hand-over", "<int:pk>/presence", "filters", "filters/<int:number>/remove",
        "<int:pk>/comments", "<int:pk>/comments/<int:seq>/withdraw", "<int:pk>/correct",
        "<int:pk>/correct/<records>/<int:row>", "<int:pk>/void", "bulk", "columns", "<int:pk>/reveal",
        "<int:pk>/conceal",
    }  # fmt: skip
    for sop in SOPS:
        there = {
            str(rule).removeprefix(f"/{sop}/") for rule in app.url_map.iter_rules() if str(rule).startswith(f"/{sop}/")
        }
        assert there == ours


def test_forms_carry_a_token(make_app, pdf: bytes) -> None:
    cast = Cast(make_app())
    page = somasi(cast.login("legal"), pdf)
    text = cast.login("cs").get(page).text
    assert text.count("<form") - text.count('method="get"') == text.count('name="csrf_token"')
