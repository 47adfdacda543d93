"""A request that names another site than ours: refused in words, and nothing that is sent out is made from its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import OutgoingMail
from app.services.notices import choices
from config import WrongSetting, from_environment
from tests.cast import Cast
from tests.services.running import CALL

THERE = {"PUBLIC_URL": "https://tuntas.example.id", "TRUSTED_HOSTS": "tuntas.intern, .cabang.example.id"}
FORGED = "evil.example"


@pytest.fixture
def known(app: Flask, tmp_path: Path) -> Flask:
    read = from_environment({"INSTANCE_PATH": str(tmp_path / "settings"), **THERE})
    app.config["KNOWN_HOSTS"] = read["KNOWN_HOSTS"]
    return app


@pytest.mark.parametrize(
    "host",
    ["tuntas.example.id", "TUNTAS.example.id:8443", "tuntas.intern", "solo.cabang.example.id", "localhost:8080",
     "127.0.0.1:8080", "[::1]:8080"],
)  # fmt: skip
def test_the_site_is_served_under_its_names_and_on_its_own_machine(known: Flask, host: str) -> None:
    assert known.test_client().get("/login/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [FORGED, "tuntas.example.id.evil.example", "eviltuntas.example.id", "10.0.0.7", "", "a b", "tuntas.example.id@evil",
     "127.0.0.1.evil.example", "[::1", "tuntas.example.id:99999999", "\xe9vil", "[::ffff:10.0.0.7]"],
)  # fmt: skip
def test_any_other_name_is_refused_in_words(known: Flask, host: str) -> None:
    for path in ("/login/", "/", "/api/v1/somasi/", "/public/pengaduan"):
        answer = known.test_client().get(path, headers={"Host": host})
        assert answer.status_code == 400, (path, answer.location)
        assert "Alamat ini bukan alamat sistem" in answer.text
        assert FORGED not in answer.text


def test_what_watches_the_process_asks_it_by_its_address(known: Flask) -> None:
    for path in ("/health", "/ready"):
        assert known.test_client().get(path, headers={"Host": "10.0.0.7:8080"}).status_code in (200, 503)


def test_without_the_settings_every_name_is_taken(cast: Cast) -> None:
    """A network of one's own, where nobody has told the names yet."""
    client = cast.app.test_client()
    assert client.get("/login/", headers={"Host": "server-3"}).status_code == 200


def test_no_mail_says_what_a_request_called_the_site(cast: Cast) -> None:
    """Not even where every name is taken: what a report under a forged name sends out has no address made from it."""
    forged = {"Host": FORGED, "X-Forwarded-Host": FORGED}
    told = cast.actor("cs_2", "CS")
    with cast.app.test_request_context():
        choices.choose(told, dict.fromkeys(choices.KINDS, choices.AT_ONCE))
        db.session.remove()
    made = cast.api("cs").post("/pengaduan/", CALL, headers=forged)
    assert made.status_code == 201, made.text
    for username in ("cs", "cs_2"):
        given = {"username": username, "note": "Tolong"}
        answer = cast.api("cs").post(f"/pengaduan/{made.json['id']}/holder", given, headers=forged)
        assert answer.status_code == 200, answer.text
    with cast.app.app_context():
        mails = db.session.scalars(select(OutgoingMail)).all()
        assert mails
        assert not [mail.id for mail in mails if FORGED in f"{mail.subject}{mail.text}"]


def test_a_name_that_can_be_none_stops_the_start(tmp_path: Path) -> None:
    for wrong in ("https://tuntas.example.id", "*", "a b", "tuntas/"):
        with pytest.raises(WrongSetting, match="TRUSTED_HOSTS"):
            from_environment({"INSTANCE_PATH": str(tmp_path), "TRUSTED_HOSTS": wrong})
