"""What a key may do: no more than its scope, and no more than its owner may at the moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.extensions import db
from app.models import AuditEntry, Case, Notice
from app.services.core.access import user_named
from app.sop import SOPS
from tests.api.stage import fill_master_data, walker
from tests.cast import Api, Cast
from tests.panel.helpers import counted

KEYS = "/security/api_keys/"


class Program:
    """What somebody's program reaches with a key of theirs."""

    def __init__(self, cast: Cast, name: str, *roles: str, scopes: str | None = None, **more: Any) -> None:
        self.owner = cast.api(name, *roles)
        made = self.owner.post(KEYS, {"name": "arsip", "scopes": scopes} | more)
        assert made.status_code == 201, made.text
        self.client: FlaskClient = cast.app.test_client()
        self.uuid = made.json["result"]["uuid"]
        self.headers = {"Authorization": f"Bearer {made.json['result']['key']}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(f"/api/v1{path}", json=body or {}, headers=self.headers)


@pytest.fixture
def full(app: Flask) -> Cast:
    """A case of every SOP."""
    fill_master_data(app)
    cast = Cast(app)
    for key in SOPS:
        walker(cast, key, lambda: None).create()
    return cast


def every_route(app: Flask, method: str) -> list[str]:
    """The address of each route of the API that takes ``method``, with something in each place."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and method in (rule.methods or ()):
            values = {name: 1 if name in ("pk", "seq") else "x" for name in rule.arguments}
            found.append(adapter.build(rule.endpoint, values | dict(rule.defaults or {}), method=method))
    return sorted(set(found))


def test_a_key_for_reading_writes_nowhere(app: Flask, full: Cast) -> None:
    program = Program(full, "admin", "Admin", scopes="read")
    assert program.get("/somasi/").status_code == 200
    assert program.get("/worklist").status_code == 200
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for address in every_route(app, method):
            if address in ("/api/v1/security/login", "/api/v1/security/refresh"):
                continue  # these ask for no key
            answer = program.client.open(address, method=method, headers=program.headers, json={"name": "x"})
            assert answer.status_code == 403, (method, address, answer.text)


def test_a_key_for_one_sop_sees_nothing_of_another(app: Flask, full: Cast) -> None:
    """Every route that reads, for an admin and supervisor, who sees everything: no case of another SOP is told of."""
    program = Program(full, "admin", "Admin", "Supervisor", scopes="write sop:somasi")
    others = set(SOPS) - {"somasi"}
    with app.app_context():
        numbers = {row.number: row.sop for row in db.session.scalars(select(Case))}
    assert set(numbers.values()) == set(SOPS)
    answered = 0
    for address in every_route(app, "GET"):
        answer = program.client.get(address, headers=program.headers)
        assert answer.status_code < 500, address
        if answer.status_code == 200:
            answered += 1
            for number, sop in numbers.items():
                assert sop == "somasi" or number not in answer.text, (address, number)
    assert answered > 5
    for sop in others:
        for rest in ("", "1", "1/history", "1/actions"):
            assert program.get(f"/{sop}/{rest}").status_code == 403, (sop, rest)
        assert program.post(f"/{sop}/").status_code == 403
        assert program.get(f"/sop/{sop}").status_code == 403
        for number, of in numbers.items():
            if of == sop:
                assert program.get(f"/search/?q={number}").json == []
    assert [one["key"] for one in program.get("/sop/").json] == ["somasi"]
    assert program.get("/somasi/").json["count"] == 1
    worklist = program.get("/worklist").json
    assert {task["sop"] for tasks in worklist.values() for task in tasks} <= {"somasi"}
    notices = program.get("/notices/").json["result"]
    assert all(one["case"] and one["case"]["sop"] == "somasi" for one in notices)


def test_its_reports_are_those_of_its_sop(app: Flask, full: Cast) -> None:
    program = Program(full, "supervisor", scopes="read sop:somasi")
    whole = {one["key"] for one in program.owner.get("/reports/").json}
    offered = {one["key"] for one in program.get("/reports/").json}
    assert {"cases-somasi", "events-somasi"} <= offered
    with app.app_context():
        foreign = [row.number for row in db.session.scalars(select(Case)) if row.sop != "somasi"]
    for key in whole:
        answer = program.get(f"/reports/{key}")
        assert answer.status_code == (200 if key in offered else 404), key
        assert not [number for number in foreign if number in answer.text], key
        ordered = program.get(f"/reports/{key}?background=1")
        assert ordered.status_code == (403 if key in offered else 404), (
            "the worker would make it with all that one sees"
        )
    own = program.owner.get("/reports/cases-keluhan?background=1").json["id"]
    for path in (f"/reports/downloads/{own}", f"/reports/downloads/{own}/content"):
        assert program.get(path).status_code == 404


def test_it_marks_no_notice_of_another_sop(app: Flask, full: Cast) -> None:
    program = Program(full, "supervisor", scopes="write sop:somasi")
    with app.app_context():
        user = user_named("supervisor").id
        for case in db.session.scalars(select(Case)).all():
            db.session.add(Notice(user_id=user, case_id=case.id, kind="handed_over", action=""))
        db.session.commit()
    unread = program.owner.get("/notices/").json
    before, own = unread["unread"], [one for one in unread["result"] if one["case"]["sop"] == "somasi"]
    assert own
    foreign = [one["id"] for one in program.owner.get("/notices/").json["result"] if one["case"]["sop"] != "somasi"]
    assert program.post("/notices/read", {"ids": foreign[:1]}).status_code == 404
    assert program.post("/notices/read", {"all": True}).json == {"read": len(own), "unread": 0}
    assert program.owner.get("/notices/").json["unread"] == before - len(own)


def test_a_key_makes_reads_and_revokes_no_keys(app: Flask, cast: Cast) -> None:
    program = Program(cast, "admin", "Admin")
    for method, path in (("GET", ""), ("POST", ""), ("GET", program.uuid), ("DELETE", program.uuid)):
        answer = program.client.open(
            f"/api/v1{KEYS}{path}", method=method, headers=program.headers, json={"name": "another"}
        )
        assert answer.status_code == 403, (method, path)
    assert program.get("/worklist").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        {"scopes": "root"}, {"scopes": "read sop:nothing"}, {"scopes": "read,write"}, {"scopes": 7}, {"name": ""},
        {"name": 7}, {"name": "a\x00b"}, {"name": "x" * 81}, {"name": None}, {"expires_on": "soon"},
        {"expires_on": "2020-01-01"}, {"expires_on": "9999-12-31T23:59:59"}, {"expires_on": "0001-01-01T00:00:00"},
        {"expires_on": 7}, {"expires_on": "2028-12-01"},
    ],
)  # fmt: skip
def test_what_can_be_no_key_is_refused_in_words(cast: Cast, wanted: dict[str, Any]) -> None:
    api = cast.api("cs")
    answer = api.post(KEYS, {"name": "arsip"} | wanted)
    assert (answer.status_code, set(answer.json)) == (400, {"message"}), answer.text
    assert api.get(KEYS).json["result"] == []


def test_words_that_nobody_knows_any_more_permit_nothing(app: Flask, cast: Cast) -> None:
    program = Program(cast, "legal", scopes="write")
    with app.app_context():
        keys = app.appbuilder.sm.api_key_model
        db.session.execute(update(keys).values(scopes="write everything"))
        db.session.commit()
    assert program.get("/somasi/").status_code == 403
    assert program.get("/worklist").status_code == 403


def test_every_key_ends_also_one_without_an_end(app: Flask, cast: Cast, clock: Any) -> None:
    old, new = Program(cast, "legal"), Program(cast, "cs")
    with app.app_context():
        keys = app.appbuilder.sm.api_key_model
        db.session.execute(update(keys).where(keys.uuid == old.uuid).values(expires_on=None))
        db.session.commit()
    clock.shift(timedelta(days=364))
    assert old.get("/somasi/").status_code == 200
    clock.shift(timedelta(days=3))
    assert old.get("/somasi/").status_code == 401
    assert new.get("/worklist").status_code == 401


def test_it_never_does_more_than_its_owner_may_now(app: Flask, cast: Cast) -> None:
    program = Program(cast, "legal")
    assert program.get("/somasi/").status_code == 200
    with app.app_context():
        user_named("legal").roles = [app.appbuilder.sm.find_role("CSO")]
        db.session.commit()
    assert program.get("/somasi/").status_code == 403
    assert program.get("/keluhan/").status_code == 200


def test_its_use_is_noted_seldom(app: Flask, cast: Cast, clock: Any) -> None:
    program = Program(cast, "legal")
    assert program.owner.get(KEYS).json["result"][0]["last_used_on"] is None
    program.get("/somasi/")
    noted = program.owner.get(KEYS).json["result"][0]["last_used_on"]
    assert noted
    with counted(app) as statements:
        program.get("/somasi/")
    assert not [one for one in statements if one.startswith(("UPDATE", "INSERT"))]
    clock.shift(timedelta(minutes=6))
    program.get("/somasi/")
    assert program.owner.get(KEYS).json["result"][0]["last_used_on"] > noted


def test_the_audit_log_tells_of_keys(app: Flask, cast: Cast) -> None:
    program = Program(cast, "legal", scopes="read")
    for _n in range(3):
        program.post("/somasi/")
    program.owner.client.delete(f"/api/v1{KEYS}{program.uuid}", headers=program.owner.headers)
    with app.app_context():
        told = db.session.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.account)
            .where(AuditEntry.subject_type == "key")
            .order_by(AuditEntry.seq)
        ).all()
    assert [tuple(one) for one in told] == [
        ("key.made", program.uuid, "legal"),
        ("key.refused", program.uuid, ""),
        ("key.revoked", program.uuid, "legal"),
    ]  # fmt: skip, "refused once an hour"


def test_an_admin_sees_and_revokes_anybodys(cast: Cast) -> None:
    program, admin = Program(cast, "legal"), cast.api("admin", "Admin")
    assert admin.get(KEYS + program.uuid).status_code == 200
    assert Api(cast.app.test_client(), "admin").get(KEYS).json["result"] == [], "the list is one's own"
    answer = admin.client.delete(f"/api/v1{KEYS}{program.uuid}", headers=admin.headers)
    assert answer.status_code == 200
    assert program.get("/somasi/").status_code == 401


def test_a_key_asks_for_a_fresh_sign_in(cast: Cast, clock: Any) -> None:
    api = cast.api("legal")
    clock.shift(timedelta(minutes=11))
    answer = api.post(KEYS, {"name": "arsip"})
    assert (answer.status_code, set(answer.json)) == (401, {"message"})
