"""Who owns an account sees when and from where it was used, and who was refused; an admin unlocks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Notice
from app.services.core.access import user_named
from tests.cast import PASSWORD, Cast
from tests.panel.helpers import in_english

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _time() -> Iterator[None]:
    """Stands still: the first pauses are of seconds."""
    with time_machine.travel("2026-11-18T03:30+00:00", tick=False):
        yield


@pytest.fixture
def guarded(make_app: Callable[..., Flask]) -> Cast:
    cast = Cast(make_app(RATELIMIT_ENABLED=True, AUTH_RATE_LIMIT="1000 per minute"))
    cast.user("cs")
    return cast


def attempt(client: FlaskClient, password: str, address: str = HOME) -> int:
    body = {"username": "cs", "password": password}
    return client.post("/login/", data=body, environ_base={"REMOTE_ADDR": address}).status_code


def pk_of(cast: Cast, name: str) -> int:
    with cast.app.app_context():
        return int(user_named(name).id)


def lines(page: str) -> list[tuple[str, str]]:
    """Address and outcome of each line, newest first."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition('aria-labelledby="sign-ins"')[2], re.DOTALL)
    found = []
    for row in rows[1:]:
        cells = [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        found.append((cells[1], cells[3]))
    return found


def test_the_owner_sees_who_tried(guarded: Cast) -> None:
    client = guarded.app.test_client()
    in_english(client)
    attempt(client, PASSWORD)
    client.post("/logout/")
    in_english(client)
    stranger = guarded.app.test_client()
    for _n in range(3):
        attempt(stranger, "salah", ELSEWHERE)
    assert attempt(client, PASSWORD) == 302
    page = client.get("/").text
    assert "Since your last sign-in 3 attempts were refused" in page
    profile = client.get("/users/userinfo/").text
    assert lines(profile) == [(HOME, "Signed in"), *[(ELSEWHERE, "Refused")] * 3, (HOME, "Signed in")]
    assert lines(guarded.login("legal").get("/users/userinfo/").text) == [("127.0.0.1", "Masuk")], "nobody else's"


def test_nobody_is_alarmed_for_nothing(guarded: Cast) -> None:
    client = guarded.app.test_client()
    in_english(client)
    attempt(client, PASSWORD)
    assert "refused" not in client.get("/").text


def test_an_admin_unlocks(guarded: Cast) -> None:
    client, admin, pk = guarded.app.test_client(), guarded.login("admin"), pk_of(guarded, "cs")
    in_english(admin)
    assert f"/users/unlock/{pk}" not in admin.get(f"/users/show/{pk}").text
    for _n in range(5):
        attempt(client, "salah")
    assert attempt(client, PASSWORD) == 429
    assert f"/users/unlock/{pk}" in admin.get(f"/users/show/{pk}").text
    assert guarded.login("supervisor").post(f"/users/unlock/{pk}").status_code == 403
    assert attempt(client, PASSWORD) == 429
    assert admin.post(f"/users/unlock/{pk}").headers["Location"] == f"/users/show/{pk}"
    assert attempt(client, PASSWORD) == 302
    with guarded.app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.unlocked")).one()
        assert (entry.account, entry.subject) == ("admin", str(pk))
        assert db.session.scalars(select(Notice.action).where(Notice.user_id == pk)).all() == ["unlocked@cs"]


def test_guesses_at_the_confirmation_count_too(guarded: Cast) -> None:
    """Whoever finds a session open guesses no further there than at the form."""
    cs = guarded.login("cs")
    sent = {"password": "kuda-nil-terbang-rendah", "conf_password": "kuda-nil-terbang-rendah"}
    codes = [cs.post("/confirm/", data={"confirm_password": "salah"}).status_code for _n in range(4)]
    codes.append(cs.post("/resetmypassword/form", data=sent | {"current_password": "salah"}).status_code)
    codes.append(cs.post("/confirm/", data={"confirm_password": PASSWORD}).status_code)
    assert codes == [200, 200, 200, 200, 200, 429]
