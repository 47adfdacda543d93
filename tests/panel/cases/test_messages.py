"""A mobile number on a page opens WhatsApp with the text of the case's SOP; no other number does."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Case
from app.services.cases import transitions
from app.sop import SOPS
from app.workflow.document.sentences import Sentence
from tests.cast import Cast
from tests.panel.helpers import REPORT, SOMASI, in_english, posko, somasi
from tests.services.running import CALL, HARD

LINK = re.compile(r'<a class="nowrap" href="(https://wa\.me/[^"]+)"[^>]* aria-label="([^"]+)">WhatsApp</a>')


def links(client: FlaskClient, path: str) -> list[tuple[str, str, str]]:
    """Number, text and accessible name of each link to WhatsApp."""
    found = []
    for address, name in LINK.findall(client.get(path).text):
        parts = urlsplit(unescape(address))
        found.append((parts.path, parse_qs(parts.query)["text"][0], unescape(name)))
    return found


def test_a_mobile_number_opens_whatsapp_with_number_and_name(cast: Cast, pdf: bytes) -> None:
    legal = cast.login("legal")
    path = somasi(legal, pdf, customer_name="Budi & <Ani>")
    in_english(legal)
    number = number_of(cast)
    expected = f"Bapak/Ibu Budi & <Ani>, kami menghubungi Anda mengenai somasi nomor {number}."
    assert links(legal, path) == [("/6281234567890", expected, "Write to 0812-3456-7890 by WhatsApp")]
    assert 'href="tel:+6281234567890"' in legal.get(path).text


def number_of(cast: Cast) -> str:
    with cast.app.app_context():
        return str(db.session.query(Case).order_by(Case.id.desc()).first().number)


@pytest.mark.parametrize("phone", ["021-3456789", "", "123"])
def test_other_numbers_do_not(cast: Cast, pdf: bytes, phone: str) -> None:
    legal = cast.login("legal")
    assert links(legal, somasi(legal, pdf, customer_phone=phone)) == []


@pytest.mark.parametrize("key", ["keluhan", "pengaduan", "intera", "hard_complaint"])
def test_each_sop_has_its_text(cast: Cast, key: str) -> None:
    posko(cast.app)
    intera = {
        "channel": "whatsapp", "greeting_given": True, "client_name": "Warung Sari", "phone": "0812-3456-7890",
        "location": "Menteng", "chronology": "Wi-Fi mati sejak pagi",
    }  # fmt: skip
    who: dict[str, tuple[str, dict[str, Any]]] = {
        "keluhan": ("cso", REPORT), "pengaduan": ("cs", CALL), "intera": ("admin_layanan", intera),
        "hard_complaint": ("spv", HARD),
    }  # fmt: skip
    name, answers = who[key]
    actor = cast.actor(name)
    with cast.app.test_request_context():
        case = transitions.create(actor, key, answers)
        pk, number = case.id, case.number
        if key == "hard_complaint":
            case.sent_to = "0812 3456 7890 (Ibu Ani)"
            db.session.commit()
    [(phone, text, _name)] = links(cast.login(name), f"/{key}/{pk}")
    assert phone in ("/6281234567890", "/6281233445566")
    assert number in text


def test_every_sop_about_people_has_a_text(cast: Cast) -> None:
    for sop in SOPS.values():
        takes_a_phone = any("phone" in field.kind.link for field in sop.fields.values())
        assert bool(sop.whatsapp) == takes_a_phone, sop.key
        assert not takes_a_phone or isinstance(sop.whatsapp, Sentence)


def test_who_has_a_call_today_finds_it_in_the_agenda(cast: Cast) -> None:
    cs = cast.login("cs")
    actor = cast.actor("cs")
    with cast.app.test_request_context():
        case = transitions.create(actor, "pengaduan", CALL)
        pk, number = case.id, case.number
        answers = {"callback_reason": "no_reply", "callback_at": "2026-11-19 10:00"}
        transitions.perform(actor, "pengaduan", pk, "schedule_callback", answers)
    [(phone, text, _name)] = links(cs, "/agenda/")
    assert phone == "/6281233445566"
    assert number in text
    assert SOMASI["customer_name"] not in text
