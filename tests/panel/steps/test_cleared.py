"""What a form shows is what the case keeps: an answer that was emptied is gone, for every type and for rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.models import Staff
from app.services.cases import facts
from app.services.cases.creation import plain
from tests.cast import Cast
from tests.panel.helpers import in_english
from tests.sampler import AB, TYPED, sampler, stored

ROWS = {"mended-0-what": "Satu", "mended-0-how_many": "1", "mended-1-what": "Dua"}


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    with sampler(make_app) as made:
        yield made


@pytest.fixture
def page(app: Flask) -> FlaskClient:
    """Somebody who has filled in everything once."""
    client = Cast(app).login("cs")
    in_english(client)
    filled = client.post("/sampler/new", data={key: typed for key, (typed, _kept) in TYPED.items()})
    assert filled.status_code == 302, filled.text
    return client


def as_shown(client: FlaskClient, step: str = "amend") -> MultiDict[str, str]:
    """What a browser sends when the form is sent as it is shown."""
    text = client.get(f"/sampler/1/do/{step}").text
    [form] = [one for one in html.fromstring(text).forms if one.action == f"/sampler/1/do/{step}"]
    return MultiDict(form.form_values())


def send(client: FlaskClient, answers: MultiDict[str, str], step: str = "amend") -> None:
    answer = client.post(f"/sampler/1/do/{step}", data=answers)
    assert answer.status_code == 302, answer.text


def kept(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return {key: plain(getattr(stored(app), key)) for key in TYPED}


def changes(app: Flask) -> dict[str, Any]:
    """What the newest line of the history says of fields."""
    with app.app_context():
        return dict(facts.events_of([stored(app).id])[stored(app).id][-1].changes or {})


def rows(app: Flask, records: str) -> list[str]:
    with app.app_context():
        return [row.what for row in getattr(stored(app), records)]


FILLED = {key: kept for key, (_typed, kept) in TYPED.items()}


def test_sent_as_it_is_shown_nothing_changes(app: Flask, page: FlaskClient) -> None:
    send(page, as_shown(page))
    assert kept(app) == FILLED
    assert changes(app) == {}


@pytest.mark.parametrize("key", TYPED)
def test_an_emptied_answer_is_gone(app: Flask, page: FlaskClient, key: str) -> None:
    answers = as_shown(page)
    if key in ("tick", "several"):
        answers.poplist(key)  # a box that is not ticked sends nothing
    else:
        answers[key] = ""
    send(page, answers)
    assert kept(app) == FILLED | {key: None}
    assert changes(app) == {key: [FILLED[key], None]}
    # Once more as it is shown: what is empty stays empty, and nothing is said of it again.
    send(page, as_shown(page))
    assert kept(app) == FILLED | {key: None}
    assert changes(app) == {}


def test_some_of_several_ticks_stay(app: Flask, page: FlaskClient) -> None:
    answers = as_shown(page)
    answers.setlist("several", [AB[1].key])
    send(page, answers)
    assert kept(app)["several"] == ["b"]


@pytest.mark.parametrize("key", TYPED)
def test_what_the_form_did_not_show_stays(app: Flask, page: FlaskClient, key: str) -> None:
    answers = as_shown(page)
    answers.poplist(key)
    answers.setlist("_shown", [shown for shown in answers.getlist("_shown") if shown != key])
    send(page, answers)
    assert kept(app) == FILLED


def test_a_form_that_was_refused_shows_what_was_emptied(app: Flask, page: FlaskClient) -> None:
    answers = as_shown(page)
    for key in ("tick", "several"):
        answers.poplist(key)
    answers["amount"], answers["day"] = "", "kapan-kapan"
    text = page.post("/sampler/1/do/amend", data=answers).text
    [form] = [one for one in html.fromstring(text).forms if one.action == "/sampler/1/do/amend"]
    again = MultiDict(form.form_values())
    assert (again["amount"], "tick" in again, "several" in again) == ("", False, False)
    again["day"] = "2026-11-23"
    send(page, again)
    assert kept(app) == FILLED | {"amount": None, "tick": None, "several": None}


def test_rows_that_a_form_shows_can_be_emptied_others_are_only_added(app: Flask, page: FlaskClient) -> None:
    answers = as_shown(page)
    for name, typed in ROWS.items():
        answers[name] = typed
    send(page, answers)
    page.post("/sampler/1/do/add", data={"what": "Tiga"})
    assert (rows(app, "mended"), rows(app, "added")) == (["Satu", "Dua"], ["Tiga"])
    answers = as_shown(page)
    assert answers["mended-1-what"] == "Dua"
    for name in [name for name in answers if name.startswith("mended-")]:
        answers[name] = ""
    send(page, answers)
    assert (rows(app, "mended"), rows(app, "added")) == ([], ["Tiga"])
    assert changes(app) == {"mended": []}
    assert "Mended lines" in page.get("/sampler/1").text.split('class="timeline"')[1].split("<li>")[1]
    send(page, as_shown(page))
    assert changes(app) == {}, "there was nothing left to be emptied"


def test_a_reference_that_is_offered_no_more_is_not_lost(app: Flask, page: FlaskClient) -> None:
    with app.app_context():
        db.session.query(Staff).filter_by(code="budi").one().active = False
        db.session.commit()
    send(page, as_shown(page))
    assert kept(app) == FILLED
    answers = as_shown(page)
    answers["person"] = ""
    send(page, answers)
    assert kept(app)["person"] is None
    assert 'value="budi"' not in page.get("/sampler/1/do/amend").text


def test_nobody_is_assigned_when_the_person_was_taken_out(app: Flask, page: FlaskClient) -> None:
    with app.app_context():
        me = Cast(app).actor("cs")
        db.session.query(Staff).filter_by(code="budi").one().user_id = me.id
        db.session.commit()
    send(page, as_shown(page))
    with app.app_context():
        assert stored(app).assignee_id == me.id
    answers = as_shown(page)
    answers["person"] = ""
    send(page, answers)
    with app.app_context():
        assert stored(app).assignee_id is None


def test_a_tick_that_must_be_given_is_required_afresh(app: Flask, page: FlaskClient) -> None:
    """What else must be given is shown as the case has it."""
    answers = as_shown(page, "attest")
    assert "attested" not in answers
    answers["attested"], answers["remark"] = "y", "Sudah dicek"
    send(page, answers, "attest")
    again = as_shown(page, "attest")
    assert ("attested" in again, again["remark"]) == (False, "Sudah dicek")
    assert page.post("/sampler/1/do/attest", data=again).status_code == 422
    with app.app_context():
        assert stored(app).attested is True, "a step that was refused changes nothing"
