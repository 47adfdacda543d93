"""What a list is over and in which order it comes; who holds, which post, which channel; addresses from before that."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.extensions import db
from app.models import Case, Posko
from app.services.core import clock
from app.services.core.access import user_named
from tests.cast import Cast
from tests.panel.helpers import fill, posko, rows_of


@pytest.fixture
def cast(any_app: Flask) -> Cast:
    posko(any_app)
    return Cast(any_app)


@pytest.fixture
def cases(cast: Cast) -> dict[str, int]:
    """By what is said of them: with a deadline, without one, taken by somebody, closed."""
    names = ("later", "late", "without", "without too", "taken", "closed")
    made = dict(zip(names, fill(cast, len(names)), strict=True))
    cast.user("unit")
    with cast.app.app_context():
        now = clock.now()
        unit = user_named("unit").id
        values = {
            "later": {"due_at": now + timedelta(days=9)}, "late": {"due_at": now - timedelta(hours=2)},
            "without": {"created_at": now - timedelta(days=5)},
            "taken": {"claimed_by_id": unit, "created_at": now - timedelta(days=9)},
            "closed": {"state": "resolved", "closed_at": now - timedelta(days=1)},
        }  # fmt: skip
        for name, said in values.items():
            db.session.execute(update(Case.__table__).where(Case.__table__.c.id == made[name]).values(**said))
        db.session.commit()
    return made


def shown(client: FlaskClient, query: str, cases: dict[str, int]) -> list[str]:
    names = {pk: name for name, pk in cases.items()}
    text = client.get(f"/keluhan/?{query}").text
    return [names[int(pk)] for pk in dict.fromkeys(re.findall(r'href="/keluhan/(\d+)["?]', text))]


def test_open_cases_come_first_and_the_most_urgent_of_them(cast: Cast, cases: dict[str, int]) -> None:
    client = cast.login("cso")
    urgent = ["late", "later", "taken", "without", "without too"]
    assert shown(client, "", cases) == urgent
    assert len(rows_of(client)) == len(urgent), "what is taken is what is seen"
    assert shown(client, "which=closed", cases) == ["closed"]
    assert set(shown(client, "which=all", cases)) == set(cases)
    column = "_oc_KeluhanView=due_at&_od_KeluhanView="
    assert shown(client, column + "desc", cases) == ["later", "late", *reversed(urgent[2:])], "without a deadline last"


def test_an_address_from_before_keeps_its_meaning(cast: Cast, cases: dict[str, int]) -> None:
    client = cast.login("cso")
    yesterday = (clock_day(cast)).isoformat()
    every = set(cases)
    for query, found in {
        "state=resolved": {"closed"}, f"closed_from={yesterday}": {"closed"}, "state=reported": every - {"closed"},
        "due=late": {"late"}, "q=Warga": every, "_flt_0_name=warga": every, "open=1": every - {"closed"},
        f"created_to={yesterday}": {"taken", "without"}, "unit=1": every, "which=nonsense": every - {"closed"},
        "q=Warga&which=open": every - {"closed"}, "unit=1&which=closed": {"closed"},
    }.items():  # fmt: skip
        assert set(shown(client, query, cases)) == found, query


def clock_day(cast: Cast) -> date:
    with cast.app.app_context():
        return clock.today() - timedelta(days=1)


def test_by_holder_post_and_channel(cast: Cast, cases: dict[str, int]) -> None:
    client, unit = cast.login("cso"), cast.login("unit", unit="ulp_menteng")
    with cast.app.app_context():
        holder, post = user_named("unit").id, db.session.query(Posko).one().id
    others = set(cases) - {"closed", "taken"}
    for browser, query, found in (
        (client, f"holder={holder}", {"taken"}), (client, "holder=none", others), (client, "holder=me", set()),
        (unit, "holder=me", {"taken"}), (client, f"of_posko={post}", others | {"taken"}), (client, "of_posko=none",
        set()), (client, "of_channel=cc_123", others | {"taken"}), (client, "of_channel=walk_in", set()),
        (client, f"of_posko={post}&holder=none&of_channel=cc_123&due=late", {"late"}),
        (client, f"of_posko={post}&which=closed", {"closed"}), (client, "of_posko=99", set()), (client, "holder=x",
        set()),
    ):  # fmt: skip
        assert set(shown(browser, query, cases)) == found, query


def test_such_filters_are_kept_under_a_name(cast: Cast, cases: dict[str, int]) -> None:
    client = cast.login("cso")
    client.post("/keluhan/filters?of_channel=cc_123&which=closed&after=x", data={"name": "Lewat 123"})
    text = client.get("/keluhan/").text
    assert "/keluhan/?which=closed&amp;of_channel=cc_123" in text
