"""Procedure and practice as a page: drawing, tables, links to the lists behind the numbers, and who sees it."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import Case
from app.services.cases import transitions
from app.services.core import clock, history
from app.services.core.database import write_transaction
from app.services.dashboards.conformance import declared
from app.sop import SOPS
from tests.cast import Cast
from tests.panel.helpers import counted, in_english, somasi

COMPLAINT = {
    "channel": "whatsapp", "greeting_given": True, "client_name": "Rudi", "phone": "0812 3456 7890",
    "location": "Depok", "chronology": "Koin tidak masuk",
}  # fmt: skip


def complaints(cast: Cast, many: int) -> list[int]:
    """Intera complaints of which the verification has begun."""
    desk, found = cast.actor("admin_layanan"), []
    with cast.app.test_request_context():
        for nth in range(many):
            found.append(int(transitions.create(desk, "intera", COMPLAINT | {"client_name": f"Rudi {nth}"}).id))
            transitions.perform(desk, "intera", found[-1], "start_verification", {})
    return found


def main(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.search(r"<main.*?</main>", answer.text, re.S)[0]


def test_every_procedure_that_one_oversees_has_its_page(cast: Cast) -> None:
    client = cast.login("supervisor")
    for key, sop in SOPS.items():
        page = main(client, f"/conformance/{key}")
        assert page.count("<svg") == 1
        assert page.count('data-label="Peran"') == len(declared(sop))
    assert 'aria-current="page">Somasi' in main(client, "/conformance/")


def test_numbers_stand_on_the_drawing_and_lead_to_their_list(cast: Cast) -> None:
    complaints(cast, 3)
    client = cast.login("coo")
    in_english(client)
    page = main(client, "/conformance/intera")
    assert ">3 cases</text>" in page
    assert re.search(r"<text[^>]*>3 · 0 minutes</text>", page)
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*Start the verification.*?</tr>", page, re.S)[0]
    times, cases, middle, most = (html.unescape(address) for address in re.findall(r'href="([^"]+)"', row))
    assert cases.startswith("/intera/?")
    assert "order=longest" in middle
    assert "order=longest" in most
    for address in (times, cases, middle):
        listed = client.get(address)
        assert listed.status_code == 200
        assert len(set(re.findall(r"INT-\d{4}-\d{5}", listed.text))) == 3


def test_the_first_one_is_one_that_the_user_oversees(cast: Cast) -> None:
    client = cast.login("coo")
    page = client.get("/conformance/")
    assert page.status_code == 200
    assert "/conformance/intera.csv" in page.text
    assert "/conformance/somasi" not in page.text
    assert 'href="/conformance/"' in page.text, "the menu has it"


def test_a_deviation_is_shown_with_a_case(cast: Cast) -> None:
    (pk,) = complaints(cast, 1)
    actor = cast.actor("pic")
    with cast.app.test_request_context(), write_transaction() as session:
        case = session.get(Case, pk)
        case.state = "closing"
        history.append(session, case, actor, "old_step", clock.now(), from_state="verification")
    page = main(cast.login("coo"), "/conformance/intera")
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*old_step.*?</tr>", page, re.S)[0]
    assert f'href="/intera/{pk}"' in row
    steps = cast.login("coo").get(html.unescape(re.search(r'href="([^"]+rows[^"]+)"', row)[1])).text
    assert f'href="/intera/{pk}"' in steps
    assert ">old_step<" in steps


def test_the_csv_has_the_steps(cast: Cast) -> None:
    complaints(cast, 2)
    client = cast.login("coo")
    in_english(client)
    answer = client.get("/conformance/intera.csv")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == len(declared(SOPS["intera"]))
    assert [row["Times"] for row in rows if row["Step"] == "Start the verification"] == ["2"]


def test_who_oversees_nothing_or_something_else_is_refused(cast: Cast, client: FlaskClient) -> None:
    assert client.get("/conformance/intera").status_code in (302, 401)
    for name in ("admin_layanan", "legal", "cs"):
        other = cast.login(name)
        for path in ("/conformance/", "/conformance/intera", "/conformance/intera.csv"):
            assert other.get(path).status_code in (302, 403), name
        assert "/conformance/" not in other.get("/").text
    manager = cast.login("legal_manager")
    assert manager.get("/conformance/somasi").status_code == 200
    for path in ("/conformance/intera", "/conformance/intera.csv", "/conformance/all", "/conformance/nichts"):
        assert manager.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "query", ["from=2026-99-01", "from=x&to=y", "from=2026-05-01&to=2026-04-01", "from=0001-01-01"]
)
def test_a_period_that_cannot_be_is_reported(cast: Cast, query: str) -> None:
    client = cast.login("supervisor")
    page = client.get(f"/conformance/somasi?{query}")
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert "<svg" in page.text
    assert client.get(f"/conformance/somasi.csv?{query}").status_code == 400


def test_queries_do_not_grow_with_cases(app: Flask, cast: Cast, pdf: bytes) -> None:
    client = cast.login("supervisor")
    legal = cast.login("legal")
    somasi(legal, pdf)
    client.get("/conformance/somasi")
    with counted(app) as few:
        client.get("/conformance/somasi")
    for nth in range(3):
        somasi(legal, pdf, letter_number=f"{nth}/LH")
    with counted(app) as many:
        client.get("/conformance/somasi")
    assert len(many) == len(few)
