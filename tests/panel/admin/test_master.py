"""Master data: only admins keep it, codes stay unique, what is used stays."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from app.extensions import db
from app.models import ComplaintCategory, Crew, HearingStage, Posko, Staff, Unit
from app.services.core.access import user_named
from tests.cast import Cast
from tests.panel.helpers import posko

PAGES = ("unitview", "poskoview", "crewview", "hearingstageview", "staffview", "complaintcategoryview")


def rows(app: Flask, model: Any, **having: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model).filter_by(**having)).unique())


@pytest.mark.parametrize("page", PAGES)
def test_only_admins_reach_it(cast: Cast, admin: FlaskClient, page: str) -> None:
    assert admin.get(f"/{page}/list/").status_code == 200
    assert admin.get(f"/{page}/add").status_code == 200
    cs = cast.login("cs")
    assert cs.get(f"/{page}/list/").status_code == 403
    assert cs.post(f"/{page}/add", data={"code": "X", "name": "X"}).status_code == 403
    assert page not in cs.get("/").text


def test_adding_and_changing_a_unit(app: Flask, admin: FlaskClient) -> None:
    sent = admin.post("/unitview/add", data={"code": " JKT-01 ", "name": "Jakarta Pusat", "active": "y"})
    assert sent.headers["Location"].endswith("/unitview/list/")
    [unit] = rows(app, Unit)
    assert (unit.code, unit.name, unit.active) == ("JKT-01", "Jakarta Pusat", True)
    admin.post(f"/unitview/edit/{unit.id}", data={"code": "JKT-01", "name": "Jakarta"})
    [unit] = rows(app, Unit)
    assert (unit.name, unit.active) == ("Jakarta", False)


@pytest.mark.parametrize("code", ["", "dua kata", "a/b", "é", "x" * 65])
def test_a_code_that_files_could_not_carry_is_refused(app: Flask, admin: FlaskClient, code: str) -> None:
    answer = admin.post("/unitview/add", data={"code": code, "name": "Kantor Bandung"})
    assert answer.status_code == 200
    assert 'class="field-error" id="code-error"' in answer.text
    assert "Kantor Bandung" in answer.text, "what was typed is kept"
    assert rows(app, Unit) == []


def test_a_taken_code_is_refused_however_it_is_written(app: Flask, admin: FlaskClient) -> None:
    admin.post("/unitview/add", data={"code": "BDG", "name": "Bandung"})
    answer = admin.post("/unitview/add", data={"code": "bdg", "name": "Lain"})
    assert "“bdg” is taken already." in answer.text
    assert len(rows(app, Unit)) == 1


def test_one_code_may_stand_in_both_forums(app: Flask, admin: FlaskClient) -> None:
    stage = {"code": "sumpah", "name": "Sumpah", "position": "20", "active": "y"}
    for forum in ("court_hearing", "bpsk_hearing"):
        assert admin.post("/hearingstageview/add", data=stage | {"forum": forum}).status_code == 302
    assert admin.post("/hearingstageview/add", data=stage | {"forum": "court_hearing"}).status_code == 200
    assert admin.post("/hearingstageview/add", data=stage | {"forum": "mars"}).status_code == 200
    assert {s.forum for s in rows(app, HearingStage, code="sumpah")} == {"court_hearing", "bpsk_hearing"}


def test_stages_are_listed_in_the_order_of_their_procedure(admin: FlaskClient) -> None:
    text = admin.get("/hearingstageview/list/").text
    assert text.index("Pendaftaran") < text.index("Mediasi") < text.index("Eksekusi")


def test_a_posko_and_a_crew_belong_to_a_unit(app: Flask, admin: FlaskClient) -> None:
    posko(app)
    [unit] = rows(app, Unit)
    for page, model in (("poskoview", Posko), ("crewview", Crew)):
        entry = {"code": "baru", "name": "Baru", "active": "y"}
        refused = admin.post(f"/{page}/add", data=entry | {"unit": "__None"})
        assert 'id="unit-error"' in refused.text
        admin.post(f"/{page}/add", data=entry | {"unit": str(unit.id)})
        [made] = rows(app, model, code="baru")
        assert made.unit_id == unit.id


def test_staff_are_tied_to_a_user(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    with app.app_context():
        user_id = user_named(cast.user("cs")).id
    admin.post("/staffview/add", data={"code": "ani", "name": "Ani", "user": str(user_id), "active": "y"})
    [staff] = rows(app, Staff)
    assert staff.user_id == user_id


def test_a_staff_entry_keeps_a_user_who_has_left(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    """Saved as it is shown, it would otherwise lose them without a word."""
    cast.user("ani", "cs")
    with app.app_context():
        ani = user_named("ani")
        db.session.add(Staff(code="ani", name="Ani", user=ani, active=True))
        ani.active = False
        db.session.commit()
        user_id = ani.id
    [staff] = rows(app, Staff)
    form = html.fromstring(admin.get(f"/staffview/edit/{staff.id}").text).xpath("//main//form[.//*[@name='code']]")[0]
    assert form.xpath("string(.//select[@name='user']/option[@selected])").strip() == "Ani Uji (inactive)"
    admin.post(f"/staffview/edit/{staff.id}", data=dict(form.form_values()))
    assert rows(app, Staff)[0].user_id == user_id


def test_what_is_used_stays(app: Flask, admin: FlaskClient) -> None:
    posko(app)
    [unit] = rows(app, Unit)
    answer = admin.post(f"/unitview/delete/{unit.id}", follow_redirects=True)
    assert "“ULP Menteng” is in use, so it stays." in answer.text
    assert 'role="alert"' in answer.text
    assert len(rows(app, Unit)) == 1


def test_what_is_not_used_can_go_but_not_by_a_link(app: Flask, admin: FlaskClient) -> None:
    admin.post("/unitview/add", data={"code": "X1", "name": "Salah ketik"})
    [unit] = rows(app, Unit)
    app.config["WTF_CSRF_ENABLED"] = True
    admin.get(f"/unitview/delete/{unit.id}")
    app.config["WTF_CSRF_ENABLED"] = False
    assert len(rows(app, Unit)) == 1
    admin.post(f"/unitview/delete/{unit.id}")
    assert rows(app, Unit) == []


def test_the_search_box_looks_in_code_and_name(admin: FlaskClient) -> None:
    text = admin.get("/hearingstageview/list/?q=ARBIT").text
    assert "Arbitrase" in text
    assert "Eksekusi" not in text
    assert "Eksekusi" not in admin.get("/hearingstageview/list/?q=100%25").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("psize_HearingStageView=100000", 200),
        ("psize_HearingStageView=0", 200),
        ("_oc_HearingStageView=password&_od_HearingStageView=asc", 200),
        ("_oc_HearingStageView=name&_od_HearingStageView=desc", 200),
        ("page_HearingStageView=99", 200),
        ("page_HearingStageView=-1", 400),
        ("page_HearingStageView=abc", 400),
        ("page_HearingStageView=99999999999999999999", 400),
        ("psize_HearingStageView=x", 400),
        ("_flt_9_name=x", 400),
    ],
)
def test_odd_addresses_are_no_accidents(admin: FlaskClient, query: str, status: int) -> None:
    assert admin.get(f"/hearingstageview/list/?{query}").status_code == status


@pytest.mark.parametrize("key", ["0", "999", "99999999999999999999", "abc", "-1", "1.5"])
def test_rows_that_are_not_there(admin: FlaskClient, key: str) -> None:
    assert admin.get(f"/unitview/show/{key}").status_code == 404
    assert admin.get(f"/unitview/edit/{key}").status_code == 404
    assert admin.post(f"/unitview/delete/{key}").status_code == 404


@pytest.mark.parametrize("path", ["action/x/1", "action_post", "download/x"])
def test_routes_that_pass_by_the_filters_are_not_there(admin: FlaskClient, path: str) -> None:
    assert admin.get(f"/unitview/{path}").status_code == 404
    assert admin.post(f"/unitview/{path}").status_code == 404


def test_a_complaint_category_says_whether_it_may_be_answered_at_once(app: Flask, admin: FlaskClient) -> None:
    admin.post("/complaintcategoryview/add", data={"code": "fraud", "name": "Penipuan", "position": "9", "active": "y"})
    [category] = rows(app, ComplaintCategory, code="fraud")
    assert (category.name, category.direct, category.position) == ("Penipuan", False, 9)
    admin.post(f"/complaintcategoryview/edit/{category.id}",
               data={"code": "fraud", "name": "Penipuan", "position": "9", "active": "y", "direct": "y"})  # fmt: skip
    [category] = rows(app, ComplaintCategory, code="fraud")
    assert category.direct is True
    listed = admin.get("/complaintcategoryview/list/").text
    assert listed.index("Cara pembayaran") < listed.index("Lainnya") < listed.index("Penipuan")
    admin.post(f"/complaintcategoryview/delete/{category.id}")
    assert rows(app, ComplaintCategory, code="fraud") == []
