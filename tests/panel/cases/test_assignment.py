"""Taking, putting back and handing over in the panel: what each person is offered, and what it does."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Event
from app.services.cases import assignment
from tests.cast import Cast
from tests.panel.cases.test_worklist import part
from tests.panel.helpers import counted, fill, in_english, posko

UNIT = "ulp_menteng"


@pytest.fixture
def path(app: Flask, cast: Cast) -> str:
    posko(app)
    [pk] = fill(cast, 1)
    return f"/keluhan/{pk}"


@pytest.fixture
def anisa(cast: Cast, path: str) -> FlaskClient:
    return cast.login("anisa", "unit", unit=UNIT)


@pytest.fixture
def budi(cast: Cast, path: str) -> FlaskClient:
    return cast.login("budi", "unit", unit=UNIT)


def offered(client: FlaskClient, path: str) -> set[str]:
    """The gestures that the page of the case offers."""
    text = client.get(path).text
    return {key for key in ("take", "put-back", "hand-over") if re.search(rf'(action|href)="{path}/{key}"', text)}


def test_the_page_offers_what_one_may_do(cast: Cast, anisa: FlaskClient, budi: FlaskClient, path: str) -> None:
    supervisor, cso = cast.login("supervisor"), cast.login("cso")
    assert offered(anisa, path) == {"take"}
    assert offered(supervisor, path) == {"hand-over"}
    assert offered(cso, path) == set()
    assert anisa.post(f"{path}/take").headers["Location"] == path
    assert offered(anisa, path) == {"put-back", "hand-over"}
    assert offered(budi, path) == set()
    assert offered(supervisor, path) == {"put-back", "hand-over"}
    head = budi.get(path).text.split("</section>")[0]
    assert "Anisa Uji" in head
    assert "whose-turn mine" not in head


def test_the_worklist_has_a_button_where_several_could_do_it(
    cast: Cast, anisa: FlaskClient, budi: FlaskClient, path: str
) -> None:
    text = anisa.get("/").text
    assert f'formaction="{path}/take"' in part(text, "free")
    assert re.search(r'id="take"[^>]*>\s*<input type="hidden" name="csrf_token"', text)
    answer = anisa.post(f"{path}/take", data={"back": "worklist"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tasks/")
    text = anisa.get("/").text
    assert "/take" not in text
    assert path in part(text, "mine")
    assert path not in part(text, "free")
    text = budi.get("/").text
    assert path not in part(text, "mine") + part(text, "free")
    assert "Anisa Uji" in part(text, "waiting")


def test_alone_there_is_nothing_to_take(anisa: FlaskClient, path: str) -> None:
    text = anisa.get("/").text
    assert path in part(text, "free")
    assert "/take" not in text


def test_the_second_learns_who_was_first(anisa: FlaskClient, budi: FlaskClient, path: str) -> None:
    anisa.post(f"{path}/take")
    answer = budi.post(f"{path}/take")
    assert answer.status_code == 409
    assert "Anisa Uji" in answer.text
    assert budi.post(f"{path}/put-back").status_code == 403
    assert budi.get(f"{path}/hand-over").status_code == 403


def test_hand_over_by_a_form_and_shown_in_the_history(
    app: Flask, cast: Cast, anisa: FlaskClient, budi: FlaskClient, path: str
) -> None:
    cast.user("lain", "unit", unit="ulp_lain")
    in_english(anisa)
    anisa.post(f"{path}/take")
    form = anisa.get(f"{path}/hand-over").text
    assert re.findall(r'<option value="(\w+)"', form) == ["budi"]
    wrong = anisa.post(f"{path}/hand-over", data={"username": "lain", "note": "Saya <b>cuti"})
    assert wrong.status_code == 400
    assert 'id="username-error"' in wrong.text
    assert "Saya &lt;b&gt;cuti" in wrong.text
    given = anisa.post(f"{path}/hand-over", data={"username": "budi", "note": "Saya cuti"})
    assert given.headers["Location"] == path
    text = anisa.get(path).text
    history = text.split('class="timeline"')[1]
    assert "Handed over" in history
    assert "Saya cuti" in history
    assert re.search(r"<dt>Claimed by</dt>\s*<dd[^>]*><del>Anisa Uji</del> → Budi Uji</dd>", history)
    assert budi.post(f"{path}/put-back").status_code == 302
    with app.app_context():
        assert db.session.query(Event).count() == 4


def test_with_nobody_else_the_form_says_so(cast: Cast, anisa: FlaskClient, path: str) -> None:
    anisa.post(f"{path}/take")
    text = anisa.get(f"{path}/hand-over").text
    assert "<select" not in text
    assert f'href="{path}"' in text


@pytest.mark.parametrize("gesture", ["take", "put-back", "hand-over"])
def test_strangers_and_other_units(cast: Cast, client: FlaskClient, path: str, gesture: str) -> None:
    stranger = cast.login("lain", "unit", unit="ulp_lain")
    assert stranger.post(f"{path}/{gesture}").status_code == 404
    assert cast.login("legal").post(f"{path}/{gesture}").status_code == 403
    assert client.post(f"{path}/{gesture}").headers["Location"].startswith("/login/")
    assert stranger.get(f"{path}/hand-over").status_code == 404
    assert client.get(f"{path}/take").status_code == 405


def test_queries_do_not_grow_with_what_is_held(app: Flask, cast: Cast, anisa: FlaskClient, path: str) -> None:
    actors = [cast.actor(name, "unit", unit=UNIT) for name in ("budi", "citra")]
    counts = []
    for many in (2, 6):
        taken = fill(cast, many)
        with app.test_request_context():
            for n, pk in enumerate(taken):
                assignment.take(actors[n % 2], "keluhan", pk)
        anisa.get("/")
        with counted(app) as statements:
            assert anisa.get("/").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1], statements


def test_the_list_counts_what_is_held_by_me_alone(cast: Cast, anisa: FlaskClient, budi: FlaskClient, path: str) -> None:
    anisa.post(f"{path}/take")
    assert f'href="{path}"' in anisa.get("/keluhan/?mine=1").text
    assert f'href="{path}"' not in budi.get("/keluhan/?mine=1").text
