"""Two people of one name: histories, files and dashboards tell them apart, and nobody takes another's name."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.models import Event
from app.services.cases import transitions
from app.services.core import history
from app.services.core.access import user_named
from tests.cast import Cast
from tests.panel.helpers import fill, in_english, posko
from tests.services.running import HARD

UNIT = "ulp_menteng"
RESOLVED = {"cause": "MCB turun", "action_taken": "MCB dinaikkan"}
COUNTED = ("Times sent back", "Of decisions", "Cases sent back", "Cases decided")


def name(app: Flask, account: str, first: str, last: str) -> None:
    """As an admin names somebody: two people may really have one name."""
    with app.app_context():
        user = user_named(account)
        user.first_name, user.last_name = first, last
        db.session.commit()


@pytest.fixture
def case(app: Flask, cast: Cast) -> int:
    """Reported by cso, taken up by unit_a and resolved by unit_b, whose name is the same."""
    posko(app)
    [pk] = fill(cast, 1)
    for account, step, form in (("unit_a", "start", {}), ("unit_b", "resolve", RESOLVED)):
        cast.user(account, "unit", unit=UNIT)
        name(app, account, "Sari", "Dewi")
        actor = cast.actor(account)
        with app.app_context():
            transitions.perform(actor, "keluhan", pk, step, form, None)
    return pk


def test_the_history_names_the_account(app: Flask, cast: Cast, case: int) -> None:
    page = cast.login("cso").get(f"/keluhan/{case}").text
    lines = [re.sub(r"\s+", " ", line) for line in re.findall(r'<span class="muted">(.*?)·', page, re.S)]
    assert [line.strip() for line in lines if "Dewi" in line or "Cso" in line] == [
        "Sari Dewi (unit_b)", "Sari Dewi (unit_a)", "Cso Uji (cso)"
    ]  # fmt: skip


def test_the_api_tells_it_beside_the_name(cast: Cast, case: int) -> None:
    events = cast.api("cso").get(f"/keluhan/{case}/history").json
    assert [(event["actor"], event["account"]) for event in events] == [
        ("Cso Uji", "cso"), ("Sari Dewi", "unit_a"), ("Sari Dewi", "unit_b")
    ]  # fmt: skip


def test_a_renamed_user_does_not_change_the_past(app: Flask, cast: Cast, case: int) -> None:
    """What was signed with a user name stays so, wherever it is read."""
    with app.app_context():
        user_named("unit_a").username = "sari.dewi"
        db.session.commit()
        assert list(history.verify(db.session())) == []
    cso = cast.api("cso")
    signed = ["cso", "unit_a", "unit_b"]
    assert [event["account"] for event in cso.get(f"/keluhan/{case}/history").json] == signed
    rows = cso.get("/reports/events-keluhan?format=csv&lang=en").data.decode("utf-8-sig").splitlines()
    assert [row.rsplit(",", 1)[1] for row in rows[1:]] == signed
    log = cso.get("/reports/events-keluhan?format=xes").data.decode()
    assert re.findall(r'key="account" value="([^"]*)"', log) == signed
    assert "Sari Dewi (unit_a)" in re.sub(r"\s+", " ", cast.login("cso").get(f"/keluhan/{case}").text)


def test_an_altered_account_is_found(app: Flask, cast: Cast, case: int) -> None:
    with app.app_context():
        with pytest.raises(DBAPIError, match="never altered"):
            db.session.execute(text("UPDATE events SET account = 'spv', note = NULL, changes = NULL, salt = NULL"))
        db.session.rollback()
        for altered in ("spv", None):
            event = db.session.scalars(select(Event).where(Event.case_id == case, Event.seq == 2)).one()
            with db.session.no_autoflush:
                event.account = altered
                assert [pk for pk, _wrong in history.verify(db.session())] == [case]
            db.session.rollback()


def test_who_came_first_is_told_with_the_account(cast: Cast, case: int) -> None:
    refused = cast.api("unit_a").post(f"/keluhan/{case}/actions/resolve", {"version": 1})
    assert "Sari Dewi (unit_b)" in refused.json["message"]


def test_what_was_done_meanwhile_comes_with_it(cast: Cast, case: int) -> None:
    refused = cast.api("unit_a").post(f"/keluhan/{case}/actions/cancel", {"version": 1, "note": "x"})
    assert refused.status_code == 409
    assert [event["account"] for event in refused.json["changes"]] == ["unit_a", "unit_b"]


def test_exports_name_the_account(cast: Cast, case: int) -> None:
    cso = cast.api("cso")
    rows = cso.get("/reports/events-keluhan?format=csv&lang=en").data.decode("utf-8-sig").splitlines()
    assert rows[0].endswith(",User name")
    assert [row.rsplit(",", 1)[1] for row in rows[1:]] == ["cso", "unit_a", "unit_b"]
    log = cso.get("/reports/events-keluhan?format=xes").data.decode()
    assert re.findall(r'key="account" value="([^"]*)"', log) == ["cso", "unit_a", "unit_b"]


@pytest.mark.parametrize("address", ["/userinfoeditview/form", "/userinfoeditview/this_form_post"])
def test_nobody_changes_their_own_name(app: Flask, cast: Cast, address: str) -> None:
    browser = cast.login("cs")
    in_english(browser)
    page = browser.get("/users/userinfo/").text
    assert "Cs Uji" in page
    assert "changed by an admin alone" in page
    assert "userinfoeditview" not in page
    taken = {"first_name": "Sari", "last_name": "Dewi", "username": "sari", "email": "sari@example.test"}
    assert browser.post(address, data=taken).status_code == 404
    assert browser.get(address).status_code == 404
    with app.app_context():
        user = user_named("cs")
        assert (user.get_full_name(), user.email) == ("Cs Uji", "cs@example.test")


def test_the_rows_behind_a_number_name_the_account(cast: Cast, case: int) -> None:
    text = cast.login("supervisor").get("/dashboard/keluhan/rows?left=reported").text
    assert re.sub(r"\s+", " ", text).count("Sari Dewi (unit_a)") == 1


def test_reviewers_of_one_name_are_counted_each_for_themselves(app: Flask, cast: Cast) -> None:
    """On the dashboard, and in what is behind each of its numbers."""
    for account in ("spv_a", "spv_b"):
        cast.user(account, "spv")
        name(app, account, "Sari", "Dewi")
    does = [("qco", "report_not_found"), ("spv_a", "return_to_qco"), ("qco", "report_not_found"), ("spv_b", "validate")]
    spv = cast.actor("spv_a")
    with app.app_context():
        pk = transitions.create(spv, "hard_complaint", HARD).id
    for account, step in does:
        actor = cast.actor(account)
        with app.app_context():
            transitions.perform(actor, "hard_complaint", pk, step, {}, None, note="Sebab")
    boss = cast.login("supervisor")
    in_english(boss)
    text = boss.get("/dashboard/hard_complaint").text
    for account, sent in (("spv_a", "1"), ("spv_b", "0")):
        row = next(row for row in re.findall(r"<tr>.*?</tr>", text, re.S) if f"Sari Dewi ({account})" in row)
        cells = dict(re.findall(r'data-label="([^"]+)" class="num[^"]*"><span>(?:<a href="[^"]*">)?([^<]+)<', row))
        assert [cells[key] for key in COUNTED] == [sent, "1", sent, "1"]
        addresses = [html.unescape(address) for address in re.findall(r'href="([^"]+)"', row)]
        assert addresses
        for address in addresses:
            page = boss.get(address)
            assert page.status_code == 200
            assert f"Sari Dewi ({account})" in page.text
