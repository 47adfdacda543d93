"""Channels and webhooks in the panel: only admins, nothing secret on a page, nonsense refused, each thing sent."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import NoticeChannel, WebhookDelivery, WebhookEndpoint
from app.services.cases import transitions
from app.services.core import clock, sealed
from app.services.core.database import write_transaction
from app.services.notices import notify
from app.services.webhooks import endpoints, sending
from tests.cast import Cast
from tests.panel.helpers import REPORT, posko, refused
from tests.receiver import Receiver, receiving

CHANNELS, WEBHOOKS = "/noticechannelview", "/webhookview"
TOKEN = "rahasia-4711-kunci"


@pytest.fixture
def receiver(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", [ip_network("127.0.0.0/8")])
    with receiving() as made:
        yield made


def only(app: Flask, model: Any) -> Any:
    with app.app_context():
        return db.session.scalars(select(model)).one()


def text(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).text)


def test_only_admins_reach_them(cast: Cast, admin: FlaskClient, receiver: Receiver) -> None:
    admin.post(f"{CHANNELS}/add", data={"name": "Grup", "url": f"json://127.0.0.1:{receiver.port}/", "active": "y"})
    admin.post(f"{WEBHOOKS}/add", data={"name": "CRM", "url": receiver.url, "active": "y"})
    paths = [f"{base}/{page}" for base in (CHANNELS, WEBHOOKS) for page in ("list/", "add", "show/1", "edit/1")]
    posts = [f"{CHANNELS}/test/1", f"{CHANNELS}/again/1", f"{WEBHOOKS}/test/1", f"{WEBHOOKS}/secret/1",
             f"{WEBHOOKS}/rotate/1", f"{WEBHOOKS}/replay/1/1"]  # fmt: skip
    assert {admin.get(path).status_code for path in paths} == {200}
    for name in ("supervisor", "cs"):
        browser = cast.login(name)
        assert {browser.get(path).status_code for path in paths} == {403}
        assert {browser.post(path).status_code for path in posts} == {403}
    assert receiver.got == []
    assert {admin.get(path).status_code for path in posts} == {405}, "a GET shows and sends nothing"
    assert {admin.post(path.replace("/1", "/99999999999")).status_code for path in posts} == {404}


def test_a_channel_is_made_tested_and_its_url_never_shown_again(
    app: Flask, admin: FlaskClient, receiver: Receiver
) -> None:
    url = f"json://bot:{TOKEN}@127.0.0.1:{receiver.port}/grup"
    made = {"name": "Grup CS", "url": url, "roles": ["CS"], "kinds": ["my_turn"], "sops": ["somasi"], "active": "y"}
    assert admin.post(f"{CHANNELS}/add", data=made).status_code == 302
    row = only(app, NoticeChannel)
    assert (row.roles, row.kinds, row.sops, row.service) == (["CS"], ["my_turn"], ["somasi"], "JSON")
    assert TOKEN not in row.sealed_url
    for page in ("list/", f"show/{row.id}", f"edit/{row.id}"):
        shown = text(admin, f"{CHANNELS}/{page}")
        assert "Grup CS" in shown
        assert TOKEN not in shown
    changed = made | {"url": "", "name": "Grup layanan"}
    del changed["active"]
    assert admin.post(f"{CHANNELS}/edit/{row.id}", data=changed).status_code == 302
    with app.app_context():
        kept = db.session.get_one(NoticeChannel, row.id)
        assert (kept.name, kept.active, sealed.unseal(kept.sealed_url)) == ("Grup layanan", False, url)
    assert "has taken the test" in text_after(admin, f"{CHANNELS}/test/{row.id}")
    assert len(receiver.got) == 1
    receiver.answers = [500]
    said = text_after(admin, f"{CHANNELS}/test/{row.id}")
    assert "did not go out" in said
    assert TOKEN not in said
    assert "Send again what did not go out" in said
    assert "1 message is sent again" in text_after(admin, f"{CHANNELS}/again/{row.id}")


def text_after(client: FlaskClient, path: str) -> str:
    return unescape(client.post(path, follow_redirects=True).text)


def test_wrong_channels(app: Flask, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", [])
    for url in ("", "halo", "syslog://", "json://127.0.0.1/", "json://[::1]/", "tgram://"):
        refused(admin, f"{CHANNELS}/add", {"name": "X", "url": url, "active": "y"}, "url")
    for field in ("roles", "kinds", "sops"):
        answer = admin.post(f"{CHANNELS}/add", data={"name": "X", "url": "jsons://example.com", field: "nonsense"})
        assert answer.status_code == 200
    with app.app_context():
        assert db.session.query(NoticeChannel).count() == 0


def test_a_webhook_is_made_shown_rotated_and_switched_on_again(
    app: Flask, admin: FlaskClient, receiver: Receiver
) -> None:
    made = {"name": "CRM", "url": receiver.url, "sops": ["keluhan"], "events": ["keluhan.step:start"], "active": "y"}
    assert admin.post(f"{WEBHOOKS}/add", data=made).status_code == 302
    row = only(app, WebhookEndpoint)
    with app.test_request_context():
        secret = endpoints.secret_of(row.id)
    for page in ("list/", f"show/{row.id}", f"edit/{row.id}"):
        assert secret not in text(admin, f"{WEBHOOKS}/{page}")
    revealed = admin.post(f"{WEBHOOKS}/secret/{row.id}")
    assert secret in unescape(revealed.text)
    assert revealed.headers["Cache-Control"] == "no-store"
    assert "24 hours" in text_after(admin, f"{WEBHOOKS}/rotate/{row.id}")
    assert secret not in unescape(admin.post(f"{WEBHOOKS}/secret/{row.id}").text)
    assert "HTTP 204" in text_after(admin, f"{WEBHOOKS}/test/{row.id}")
    assert receiver.got[0].verified(secret)["type"] == "webhook.test"
    with app.app_context():
        found = db.session.get_one(WebhookEndpoint, row.id)
        found.active, found.disabled_at, found.failing_since = False, clock.now(), clock.now()
        db.session.commit()
    assert "switched off since" in text(admin, f"{WEBHOOKS}/list/")
    admin.post(f"{WEBHOOKS}/edit/{row.id}", data=made)
    again = only(app, WebhookEndpoint)
    assert (again.active, again.disabled_at, again.failing_since) == (True, None, None)


def test_deliveries_are_listed_with_their_attempts_and_replayed(
    app: Flask, admin: FlaskClient, cast: Cast, receiver: Receiver
) -> None:
    admin.post(f"{WEBHOOKS}/add", data={"name": "CRM", "url": receiver.url, "active": "y"})
    posko(app)
    receiver.answers = [500]
    cso = cast.actor("cso")
    with app.test_request_context():
        number = transitions.create(cso, "keluhan", REPORT).number
        sending.send_due()
    page = text(admin, f"{WEBHOOKS}/show/1")
    assert number in page
    assert "case.report" in page
    assert "HTTP 500" in page
    assert "answer of 500" in page
    assert "failing since" in page
    delivery = only(app, WebhookDelivery)
    assert "is sent again" in text_after(admin, f"{WEBHOOKS}/replay/1/{delivery.id}")
    with app.app_context():
        assert sending.send_due() == 1
    assert "in order" in text(admin, f"{WEBHOOKS}/show/1")
    assert {got.id for got in receiver.got} == {delivery.message_id}


def test_wrong_webhooks(app: Flask, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", [])
    for url in (
        "", "halo", "ftp://example.com/", "https://", "https://127.0.0.1/", "http://127.0.0.1/", "https://[::1]/",
        "https://169.254.169.254/latest", "https://2130706433/", "https://u:p@93.184.215.14/", "https://localhost/",
        "http://93.184.215.14/", "https://93.184.215.14/#x", "https://[::ffff:10.0.0.1]/", "https://[", "https://a b/",
    ):  # fmt: skip
        refused(admin, f"{WEBHOOKS}/add", {"name": "X", "url": url, "active": "y"}, "url")
    assert admin.post(f"{WEBHOOKS}/add", data={"name": "X", "url": "https://93.184.215.14/x"}).status_code == 302
    refused(admin, f"{WEBHOOKS}/add", {"name": "x", "url": "https://93.184.215.14/y"}, "name")


def test_an_admin_is_led_from_the_notice_to_the_webhooks(app: Flask, admin: FlaskClient) -> None:
    with app.test_request_context(), write_transaction() as session:
        notify.webhook_off(session, "CRM")
    assert "“CRM” was switched off" in text(admin, "/notices/")
    assert admin.post("/notices/1/open").headers["Location"].endswith(f"{WEBHOOKS}/list/")
