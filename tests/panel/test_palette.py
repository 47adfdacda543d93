"""The palette finds what its user may open and do, and nothing else."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.panel.helpers import fill, posko

UNIT = "ulp_menteng"


@pytest.fixture
def path(app: Flask, cast: Cast) -> str:
    posko(app)
    [pk] = fill(cast, 1)
    return f"/keluhan/{pk}"


def found(client: FlaskClient, **question: str) -> list[str]:
    """The addresses of the entries, in their order."""
    answer = client.get("/palette/", query_string=question)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return re.findall(r'role="option"[^>]*href="([^"]+)"', answer.text)


def test_pages_are_those_of_the_menu(cast: Cast) -> None:
    cso, admin = cast.login("cso"), cast.login("admin")
    pages = found(cso)
    assert {"/tasks/", "/keluhan/", "/gangguan/", "/keluhan/new"} <= set(pages)
    assert not [page for page in pages if page.startswith(("/somasi", "/users"))]
    assert [page for page in found(admin) if page.startswith("/users")]
    assert found(cso, q="keluh", only="lists") == ["/keluhan/"]
    assert set(found(cso, only="new")) == {"/gangguan/new", "/keluhan/new"}
    assert found(cso, q="tidak ada apa-apa begini") == []


def test_cases_and_their_steps_are_those_that_one_sees(cast: Cast, path: str) -> None:
    unit = cast.login("anisa", "unit", unit=UNIT)
    stranger, legal = cast.login("lain", "unit", unit="ulp_lain"), cast.login("legal")
    steps = found(unit, at=path, only="steps")
    assert steps
    assert all(step.startswith(f"{path}/do/") for step in steps if "hand-over" not in step)
    assert found(unit, at=f"{path}/do/anything", only="steps") == steps, "on a form of the case as well"
    assert path in found(unit, q="Warga")
    for other in (stranger, legal):
        assert found(other, at=path, only="steps") == []
        assert found(other, q="Warga", only="cases") == []
    for odd in ("/keluhan/999999999", "/nothing/1", "/keluhan/new", "keluhan", "/keluhan/99999999999999"):
        assert found(unit, at=odd, only="steps") == []


def test_a_row_unfolds_what_can_be_done(cast: Cast, path: str) -> None:
    unit = cast.login("anisa", "unit", unit=UNIT)
    before = unit.get(f"/palette/row{path}").text
    assert f'href="{path}"' in before
    assert f'href="{path}/do/' in before
    assert "put-back" not in before
    unit.post(f"{path}/take")
    assert f'action="{path}/put-back"' in unit.get(f"/palette/row{path}").text
    assert cast.login("lain", "unit", unit="ulp_lain").get(f"/palette/row{path}").status_code == 404


def test_a_repeat_contact_begins_where_its_procedure_has_one(cast: Cast, path: str, client: FlaskClient) -> None:
    cso = cast.login("cso")
    answer = cso.get("/palette/repeat", query_string={"at": path})
    assert answer.headers["Location"] == f"{path}/do/add_repeat_contact"
    for nowhere in ("/somasi/1", "/keluhan/", "https://elsewhere.example/keluhan/1"):
        assert cso.get("/palette/repeat", query_string={"at": nowhere}).headers["Location"] == "/"
    assert client.get("/palette/").headers["Location"].startswith("/login/")


def test_the_keys_have_a_page(cast: Cast) -> None:
    cso = cast.login("cso")
    assert "<kbd>Ctrl</kbd>" in cso.get("/palette/keys").text
    assert "<html" not in cso.get("/palette/keys?part=1").text
    assert 'href="/palette/keys"' in cso.get("/").text
