"""The search box of the panel."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.extensions import db
from app.models import Case
from app.services.cases import transitions
from app.services.core.access import visible_or_404
from tests.cast import Cast
from tests.panel.helpers import REPORT, counted, fill, posko


def number(app: Flask, pk: int) -> str:
    with app.app_context():
        return str(db.session.get(Case, pk).number)


def mutated(cast: Cast) -> tuple[int, Any]:
    """A mutated complaint's id, and the outage report."""
    [pk] = fill(cast, 1)
    unit = cast.actor("unit", unit="ulp_menteng")
    with cast.app.app_context():
        transitions.perform(unit, "keluhan", pk, "mutate_to_gangguan", {"mutation_reason": "urgent"})
        return pk, visible_or_404(unit, "gangguan", pk + 1)


def test_a_number_leads_straight_to_its_case(app: Flask, cast: Cast) -> None:
    posko(app)
    first, _second = fill(cast, 2)
    written = number(app, first)
    answer = cast.login("cso").get("/search", query_string={"q": f" {written[:3]} {written[3:9]} {written[9:]} "})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/keluhan/{first}")


def test_a_mutated_pair_is_one_result_with_its_repeat_contacts(app: Flask, cast: Cast) -> None:
    posko(app)
    pk, outage = mutated(cast)
    cso = cast.actor("cso")
    with app.app_context():
        said = {"contact_at": "2026-11-01 10:00", "contact_channel": "cc_123", "said": "Masih padam"}
        transitions.perform(cso, "gangguan", outage.id, "add_repeat_contact", said)
    page = cast.login("cso").get("/search", query_string={"q": number(app, pk)}).text
    live, cancelled = page.index(f'href="/gangguan/{outage.id}"'), page.index(f'href="/keluhan/{pk}"')
    assert live < cancelled
    assert page.count('class="card hit"') == 1
    assert "badge-state state-grey" in page
    assert "<strong>1</strong>" in page
    assert f'action="/gangguan/{outage.id}/do/add_repeat_contact?back=' in page


def test_who_may_not_add_a_contact_sees_no_button(app: Flask, cast: Cast) -> None:
    posko(app)
    _pk, outage = mutated(cast)
    page = cast.login("unit", unit="ulp_menteng").get("/search", query_string={"q": REPORT["phone"]}).text
    assert f'href="/gangguan/{outage.id}"' in page
    assert "add_repeat_contact" not in page


def test_what_is_typed_is_shown_and_harmless(app: Flask, cast: Cast) -> None:
    posko(app)
    fill(cast, 1)
    client = cast.login("cso")
    for typed in ("", "<script>alert(1)</script>", '"; DROP TABLE cases', "\x00", "%", "*", "x" * 5000):
        answer = client.get("/search", query_string={"q": typed, "sop": typed})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_nobody_searches_without_signing_in(app: Flask) -> None:
    answer = app.test_client().get("/search?q=sigit")
    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


def test_the_number_of_queries_does_not_grow_with_the_results(app: Flask, cast: Cast) -> None:
    posko(app)
    client = cast.login("cso")
    fill(cast, 3, description="Gardu meledak")
    with counted(app) as few:
        client.get("/search?q=gardu")
    fill(cast, 12, description="Gardu meledak")
    with counted(app) as many:
        assert client.get("/search?q=gardu").text.count('class="card hit"') == 15
    assert len(many) <= len(few)
