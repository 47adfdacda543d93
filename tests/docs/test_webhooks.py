"""docs/api.md shows a delivery and how to verify it: both as they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.models import WebhookEndpoint
from app.services.cases import transitions
from app.services.core import sealed
from app.services.core.database import write_transaction
from app.services.webhooks import endpoints, sending
from app.services.webhooks.calling import KEPT, WHOLE
from tests.cast import Cast
from tests.receiver import receiving
from tests.services.cases.test_transitions import REPORT, depok
from tests.services.webhooks.test_sending import LOCAL, SECRET

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def shown(language: str) -> str:
    section = (DOCS / "api.md").read_text(encoding="utf-8").split('id="webhooks"')[1]
    return str(re.search(rf"```{language}\n(.*?)```", section, re.S)[1])  # type: ignore[index]


def test_who_verifies_as_it_says_gets_what_it_shows(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Any] = {}
    exec(shown("python"), names)
    received: Callable[..., Any] = names["received"]
    monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", LOCAL)
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://tuntas.example.id")
    with receiving() as receiver, app.test_request_context():
        depok()
        with write_transaction() as session:
            session.add(WebhookEndpoint(name="CRM", url=receiver.url, sealed_secret=sealed.seal(SECRET)))
        transitions.create(Cast(app).actor("cso"), "keluhan", REPORT)
        endpoints.rotate(1)
        fresh = endpoints.secret_of(1)
        sending.send_due()
        [got] = receiver.got
    said = received(got.body, got.headers, SECRET)
    assert said == received(got.body, got.headers, fresh) == got.json
    assert received(got.body + b" ", got.headers, SECRET) is None
    example = json.loads(shown("json"))
    assert {key: type(value) for key, value in example.items()} == {key: type(v) for key, v in said.items()}
    assert example["data"].keys() == said["data"].keys()
    signed = f"{got.id}.{got.headers['webhook-timestamp']}.{got.body.decode()}".encode()
    by_hand = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256)
    assert f"v1,{base64.b64encode(by_hand).decode()}" in got.headers["webhook-signature"].split()


def test_the_figures_of_the_page_of_operation_are_those_of_the_code() -> None:
    text = " ".join((DOCS / "operation.md").read_text(encoding="utf-8").split())
    assert f"within {WHOLE:.0f} seconds" in text
    assert f"first {KEPT} bytes" in text
    assert f"{sending.KEPT.days} days after they are over" in text
    hours = [pause.total_seconds() / 3600 for pause in sending.PAUSES]
    assert hours[3:] == [2, 5, 10, 14, 20, 24, 24]
    assert 4 <= sum(hours) / 24 < 5
