"""A list on a page masks what its CSV masks; the page of one case shows what the step in hand needs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.cases import transitions
from tests.cast import Cast
from tests.panel.helpers import in_english

COMPLAINT: dict[str, Any] = {
    "channel": "whatsapp", "greeting_given": True, "client_name": "Zainab Quraisy", "phone": "0857 7000 1122",
    "location": "Jl. Zamrud 12", "chronology": "Koin masuk tetapi Wi-Fi mati", "business_name": "Kedai Zuhal",
}  # fmt: skip
PERSONAL = ("Zainab", "Quraisy", "7000", "Zamrud", "Zuhal")
NOTE = "Names, phones and what people wrote are masked for your role."


@pytest.fixture
def case(app: Flask, cast: Cast) -> str:
    desk = cast.actor("admin_layanan")
    with app.app_context():
        return f"/intera/{transitions.create(desk, 'intera', COMPLAINT).id}"


@pytest.fixture
def coo(case: str, cast: Cast) -> FlaskClient:
    client = cast.login("coo")
    in_english(client)
    return client


def test_the_list_is_masked_as_its_csv_is(coo: FlaskClient, cast: Cast) -> None:
    for path in ("/intera/", "/intera/export.csv"):
        text = coo.get(path).text
        assert "Z*** Q***" in text
        assert "0857*****122" in text
        assert not [word for word in PERSONAL if word in text]
    assert NOTE in coo.get("/intera/").text
    desk = cast.login("admin_layanan")
    in_english(desk)
    assert "Zainab Quraisy" in desk.get("/intera/").text
    assert NOTE not in desk.get("/intera/").text


def test_so_is_the_page_of_the_case_until_it_is_revealed(coo: FlaskClient, case: str) -> None:
    assert "Zainab Quraisy" not in coo.get(case).text
    assert coo.post(f"{case}/reveal", data={"reason": "Meneliti klaim"}).status_code == 302
    assert "Zainab Quraisy" in coo.get(case).text


@pytest.mark.parametrize("path", ["/intera/", "/intera/export.csv"])
@pytest.mark.parametrize(
    "query", ["_flt_0_client_name=nobody", "_flt_0_phone=999", "_oc_InteraView=client_name&_od_InteraView=asc"]
)
def test_it_is_neither_filtered_nor_ordered_by_what_is_masked(coo: FlaskClient, path: str, query: str) -> None:
    text = coo.get(f"{path}?{query}").text
    assert "INT-" in text
    assert not re.search(r'aria-sort="\w+"[^>]*>\s*<a href="[^"]*_oc_InteraView=(client_name|phone)', text)
    if path == "/intera/" and "_flt_" in query:
        assert "is masked for your role, so the filter on it was left out" in text


def test_its_form_offers_no_such_filter(coo: FlaskClient, cast: Cast) -> None:
    page = coo.get("/intera/").text
    assert 'name="_flt_0_client_name"' not in page
    assert "_oc_InteraView=client_name" not in page
    assert 'name="_flt_0_created_at"' in page
    assert ">Number</label>" in page
    assert 'name="_flt_0_client_name"' in cast.login("admin_layanan").get("/intera/").text


def test_its_box_finds_numbers_alone(coo: FlaskClient, cast: Cast) -> None:
    desk = cast.login("admin_layanan")
    for q, found in (("Zainab", False), ("085770001122", False), ("INT-", True)):
        assert ('class="number"' in coo.get(f"/intera/?q={q}").text) is found
        assert 'class="number"' in desk.get(f"/intera/?q={q}").text


def test_the_worklist_and_the_palette_mask_as_well(coo: FlaskClient, cast: Cast, case: str) -> None:
    tasks = coo.get("/tasks/").text
    [number] = set(re.findall(rf'href="{case}">(INT-[^<]+)<', tasks))
    for text in (tasks, coo.get(f"/palette/?q={number}").text):
        assert case in text
        assert "Z*** Q***" in text
        assert not [word for word in PERSONAL if word in text]
    assert case not in coo.get("/palette/?q=Zainab").text, "a find would tell whose case it is"
    assert case in cast.login("admin_layanan").get("/palette/?q=Zainab").text
