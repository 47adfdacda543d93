"""Who has opened which document: one entry an opening, in however many pieces it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Case, Document
from tests.cast import Cast
from tests.panel.helpers import somasi


@pytest.fixture
def path(cast: Cast, pdf: bytes) -> str:
    return f"{somasi(cast.login('legal'), pdf)}/documents/1"


def told(app: Flask) -> list[tuple[str, str, dict[str, Any]]]:
    with app.app_context():
        query = select(AuditEntry).where(AuditEntry.action == "document.opened").order_by(AuditEntry.seq)
        return [(one.account, one.subject_name, one.detail) for one in db.session.scalars(query)]


def piece(client: FlaskClient, path: str, first: int, last: int | None = None) -> int:
    return client.get(path, headers={"Range": f"bytes={first}-{'' if last is None else last}"}).status_code


def test_who_opened_which_version_of_which_case(app: Flask, cast: Cast, path: str) -> None:
    assert cast.login("legal").get(path).status_code == 200
    with app.app_context():
        case, document = db.session.scalars(select(Case)).one(), db.session.get_one(Document, 1)
        kept = {"type": document.type, "version": 1, "case": case.id}
        assert told(app) == [("legal", case.number, kept)]


def test_a_player_and_a_viewer_open_it_once(app: Flask, cast: Cast, path: str) -> None:
    browser = cast.login("legal")
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        assert piece(browser, path, 0) == 206
        for first in (10, 30, 5):
            assert piece(browser, path, first, first + 3) == 206
        assert browser.head(path).status_code == 200
        assert len(told(app)) == 1
        traveller.shift(timedelta(hours=2))
        assert piece(browser, path, 0) == 206
        assert len(told(app)) == 2


def test_whoever_begins_in_the_middle_has_opened_it(app: Flask, cast: Cast, path: str) -> None:
    assert piece(cast.login("legal"), path, 1) == 206
    assert piece(cast.login("supervisor"), path, 1) == 206
    assert [account for account, _number, _detail in told(app)] == ["legal", "supervisor"]


def test_whole_again_is_opened_again(app: Flask, cast: Cast, path: str) -> None:
    browser, api = cast.login("legal"), cast.api("legal")
    etag = browser.get(path).headers["ETag"]
    assert browser.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert api.get(f"{path}/content").status_code == 200
    assert [account for account, _number, _detail in told(app)] == ["legal"] * 3


def test_who_may_not_open_it_has_not(app: Flask, cast: Cast, path: str) -> None:
    assert cast.login("qco").get(path).status_code in (403, 404)
    assert told(app) == []
