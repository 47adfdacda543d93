"""The page of API keys: made and shown once, revoked by their owner or an admin."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry
from app.web.recent import RECENT
from tests.cast import PASSWORD, Cast

FORM = {"name": "Arsip kantor", "access": "read", "sops": "somasi", "days": "30"}


def secret_in(page: str) -> str:
    found = re.search(r'id="secret"[^>]*value="([^"]+)"', page)
    return found[1] if found else ""


def uses(client: FlaskClient, key: str, path: str = "somasi/") -> int:
    return client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_key_is_made_shown_once_and_revoked(app: Flask, cast: Cast) -> None:
    browser, program = cast.login("legal"), app.test_client()
    answer = browser.post("/keys/", data=FORM)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    key = secret_in(answer.text)
    assert uses(program, key) == 200
    assert uses(program, key, "worklist") == 200
    assert uses(program, key, "customers/") == 403, "of no SOP"
    headers = {"Authorization": f"Bearer {key}"}
    assert program.post("/api/v1/somasi/", json={}, headers=headers).status_code == 403, "it only reads"
    page = browser.get("/keys/").text
    assert key not in page
    assert "Arsip kantor" in page
    (revoke,) = re.findall(r'action="(/keys/[^"]+/revoke)"', page)
    assert cast.login("cs").post(revoke).status_code == 404
    assert uses(program, key) == 200
    assert browser.post(revoke).status_code == 303
    assert uses(program, key) == 401
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
        made = next(one for one in entries if one.action == "key.made")
        assert made.detail["scopes"] == "read sop:somasi"
        assert not [one for one in entries if key in str(one.detail) + one.subject + one.subject_name]
        assert [one.action for one in entries if one.action.startswith("key.")][-1] == "key.revoked"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "x" * 81}, {"name": "a\x00b"}, {"access": "root"}, {"access": ""}, {"sops": "nothing"},
        {"sops": []}, {"sops": "keluhan"}, {"days": "9999"}, {"days": ""}, {"days": "-1"},
    ],
)  # fmt: skip
def test_what_can_be_no_key_is_refused_in_words_and_nothing_is_lost(cast: Cast, wrong: dict[str, Any]) -> None:
    """Keluhan is an SOP that this user does not see."""
    browser = cast.login("legal")
    answer = browser.post("/keys/", data=FORM | wrong)
    assert answer.status_code in (400, 422), answer.status_code
    assert 'class="field-error"' in answer.text
    assert not secret_in(answer.text)
    assert "name" in wrong or 'value="Arsip kantor"' in answer.text
    assert "/revoke" not in browser.get("/keys/").text


def test_the_password_is_asked_again(app: Flask, cast: Cast) -> None:
    with time_machine.travel("2026-11-18T03:30+00:00", tick=False) as time:
        browser = cast.login("legal")
        time.shift(RECENT + timedelta(minutes=1))
        answer = browser.post("/keys/", data=FORM)
        assert answer.status_code == 401
        assert not secret_in(answer.text)
        again = FORM | {"confirm_password": PASSWORD}
        assert uses(app.test_client(), secret_in(browser.post("/keys/", data=again).text)) == 200


def test_admins_see_all_keys_and_revoke_any(app: Flask, cast: Cast) -> None:
    key = secret_in(cast.login("legal").post("/keys/", data=FORM).text)
    assert cast.login("cs").get("/keys/all/").status_code == 403
    admin = cast.login("admin")
    page = admin.get("/keys/all/").text
    assert "Arsip kantor" in page
    assert "legal" in page
    (revoke,) = re.findall(r'action="(/keys/[^"]+/revoke)"', page)
    answer = admin.post(revoke, data={"back": "all"})
    assert answer.headers["Location"] == "/keys/all/"
    assert uses(app.test_client(), key) == 401
    assert admin.post("/keys/x%00/revoke").status_code == 404
    legal = cast.login("legal")
    told = legal.get("/notices/").text
    assert "Arsip kantor" in told, "its owner learns who did it"
    (opened,) = re.findall(r'action="(/notices/\d+/open)"', told.partition("<main")[2])
    assert legal.post(opened).headers["Location"] == "/keys/"
