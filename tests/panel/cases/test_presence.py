"""An open page reports that it is there."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Presence
from tests.cast import Cast
from tests.panel.helpers import somasi


@pytest.fixture
def page(cast: Cast, pdf: bytes) -> str:
    return somasi(cast.login("legal"), pdf)


def test_others_are_named_with_what_they_fill_in(cast: Cast, page: str) -> None:
    cs, manager = cast.login("cs"), cast.login("legal_manager")
    assert cs.post(f"{page}/presence", data={"doing": "submit_documents"}).json == {"others": []}
    [other] = manager.post(f"{page}/presence").json["others"]
    assert other["name"] == "Cs Uji"
    assert other["doing"]
    assert cs.post(f"{page}/presence").json == {"others": [{"name": "Legal_Manager Uji", "doing": ""}]}


def test_the_page_and_the_form_carry_what_it_takes(cast: Cast, page: str) -> None:
    cs = cast.login("cs")
    for path, doing in ((page, ""), (f"{page}/do/submit_documents", "submit_documents")):
        note = re.search(r'<p class="presence".*?</p>', cs.get(path).text, re.S)
        assert note
        assert 'aria-live="polite"' in note[0]
        assert f'data-presence="{page}/presence"' in note[0]
        assert f'data-doing="{doing}"' in note[0]
        assert re.search(r'data-token="\S{20,}"', note[0])
    assert "data-presence" not in cast.login("legal").get("/somasi/new").text


def test_looking_alone_writes_nothing(app: Flask, cast: Cast, page: str) -> None:
    cs = cast.login("cs")
    cs.get(page)
    cs.get(f"{page}/do/submit_documents")
    assert cs.get(f"{page}/presence").status_code == 405
    with app.app_context():
        assert db.session.query(Presence).count() == 0


def test_only_who_sees_the_case(cast: Cast, client: FlaskClient, page: str) -> None:
    assert cast.login("cso").post(f"{page}/presence").status_code == 403
    assert cast.login("cs").post("/somasi/999/presence").status_code == 404
    assert client.post(f"{page}/presence").status_code == 302


def test_a_ping_needs_its_token(make_app, pdf: bytes) -> None:
    app = make_app()
    cast = Cast(app)
    page = somasi(cast.login("legal"), pdf)
    cs = cast.login("cs")
    text = cs.get(page).text
    app.config["WTF_CSRF_ENABLED"] = True
    assert cs.post(f"{page}/presence").status_code == 400
    token = re.search(r'data-token="([^"]+)"', text)
    assert token
    answer = cs.post(f"{page}/presence", headers={"X-CSRFToken": token[1]})
    assert (answer.status_code, answer.json) == (200, {"others": []})
