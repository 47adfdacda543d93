"""The dashboards as pages: every number leads to the cases that it counts; rights, periods, CSV."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.dashboards import drilldown
from app.sop import SOPS
from app.web import assets
from tests.cast import Cast
from tests.panel.helpers import counted, in_english
from tests.services.behind import Behind
from tests.services.running import Months

NUMBER = re.compile(r'<td data-label="([^"]+)" class="num[^"]*"><span>(?:<a href="([^"]+)">)?([\d.,]+)(?:</a>)?</span>')
HOURS = {"day": 1440, "hour": 60, "minute": 1}
TILE = re.compile(r'<a href="(/[^"]+)"><span class="num-large">(\d+)</span>')
KEYS = ("somasi", "keluhan", "gangguan", "pengaduan", "hard_complaint", "intera", "reply_template")


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    """A supervisor after some months of cases."""
    with app.app_context():
        Months(app).pass_by()
    client = Cast(app).login("supervisor")
    in_english(client)
    return client


@pytest.fixture
def behind(app: Flask) -> FlaskClient:
    """A supervisor whose units have fallen behind."""
    with app.app_context():
        Behind(app).pass_by()
    client = Cast(app).login("supervisor")
    in_english(client)
    return client


def listed(client: FlaskClient, address: str) -> int:
    """How many cases the list behind an address shows, or how many steps or records the page of them."""
    page = client.get(address)
    assert page.status_code == 200, address
    if "/rows?" in address:
        return int(re.search(r"<h1>.*: ([\d,]+) in all</h1>", page.text)[1].replace(",", ""))
    foot = re.search(r"<span>(\d+) cases?</span>", page.text)
    return int(foot[1]) if foot else 0


def exported(client: FlaskClient, address: str) -> int:
    """How many cases its CSV has."""
    path, query = address.split("?")
    return len(list(csv.reader(io.StringIO(client.get(f"{path}export.csv?{query}").data.decode("utf-8-sig"))))) - 1


def test_every_number_leads_to_the_cases_that_it_counts(boss: FlaskClient) -> None:
    numbers: dict[str, int] = {}
    linked: set[str] = set()
    for key in ("", *KEYS):
        text = boss.get(f"/dashboard/{key}").text
        for label, address, number in NUMBER.findall(text):
            if address:
                numbers[html.unescape(address)] = int(number)
                linked.add(label)
            else:
                assert number == "0", (label, number)
        if key:
            numbers |= {html.unescape(address): int(number) for address, number in TILE.findall(text)}
    assert len(numbers) > 60
    assert linked >= {
        "Open", "Late", "0–1 days", "&gt; 90 days", "Came in", "Closed", "Cases", "Cases sent back", "Cases decided",
        "Mutated to an outage", "Kept", "Missed", "Stays", "Times sent back", "Of decisions", "Attempts", "Reached",
        "Not reached",
    }  # fmt: skip
    wrong = {
        address: (number, there) for address, number in numbers.items() if (there := listed(boss, address)) != number
    }
    assert wrong == {}
    # One address of each kind is enough for the CSV, which reads its filters in the same place.
    lists = [address for address in numbers if "/rows?" not in address]
    kinds = {re.sub(r"=[^&]*", "", address.split("?")[1]): address for address in lists}
    assert len(kinds) > 8
    assert {address: exported(boss, address) for address in kinds.values()} == {a: numbers[a] for a in kinds.values()}


def test_so_does_what_is_late_and_what_nobody_has(behind: FlaskClient) -> None:
    numbers = {html.unescape(address): int(number) for key in ("", "dashboard/keluhan")
               for _label, address, number in NUMBER.findall(behind.get(f"/{key}").text) if address}  # fmt: skip
    kinds = {tuple(sorted(part.partition("=")[0] for part in address.split("?")[1].split("&"))) for address in numbers}
    assert kinds >= {("due", "open", "unit"), ("due", "open", "state", "unit"), ("late_on", "unit"),
                     ("due", "open", "state", "unit", "with"), ("open", "state", "with"),
                     ("due", "open", "state", "with")}  # fmt: skip
    assert {address: listed(behind, address) for address in numbers} == numbers
    [address] = [one for one in numbers if "late_on" in one and "/keluhan/" in one]
    page = behind.get(address).text
    assert "Late on 11 Nov 2026" in page
    assert exported(behind, address) == numbers[address]


def test_the_first_page_of_who_oversees_is_how_it_runs(cast: Cast) -> None:
    for name, oversees in (("supervisor", True), ("legal_manager", True), ("admin", True), ("cs", False)):
        client = cast.login(name)
        first, tasks = client.get("/").text, client.get("/tasks/").text
        assert ('id="late"' in first) == oversees, name
        assert 'id="late"' not in tasks
        current = "/dashboard/" if oversees else "/tasks/"
        assert re.search(rf'href="{current}"\s+aria-current="page"', first), name
        assert re.search(r'href="/tasks/"\s+aria-current="page"', tasks), name
    assert cast.app.test_client().get("/tasks/").status_code == 302


def test_shares_and_times_lead_to_what_they_are_of(boss: FlaskClient) -> None:
    text = boss.get("/dashboard/hard_complaint").text
    found = re.findall(r'data-label="(Share|median|90 of 100 within)" class="num[^"]*"><span><a href="([^"]+)"', text)
    assert {label for label, _address in found} == {"Share", "median", "90 of 100 within"}
    for label, address in found:
        page = boss.get(html.unescape(address))
        assert page.status_code == 200
        assert ('order=longest" aria-current="page"' in page.text) == (label != "Share"), address


def test_the_longest_stays_come_first_and_pages_turn(boss: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drilldown, "SIZE", 2)
    address = "/dashboard/keluhan/rows?left=reported&order=longest"
    spent, seen = [], 0
    for page in range(20):
        text = boss.get(f"{address}&page={page}").text
        cells = re.findall(r'data-label="Time in the status before">([^<]+)<', text)
        spent += [sum(int(n) * HOURS[unit] for n, unit in re.findall(r"(\d+) (day|hour|minute)", one)) for one in cells]
        seen += len(re.findall(r'class="number" href="/keluhan/\d+"', text))
        if f"page={page + 1}" not in text:
            break
    assert seen == len(spent) == listed(boss, address) > 4
    assert spent == sorted(spent, reverse=True)


@pytest.mark.parametrize(
    "query",
    ["", "left=nowhere", "open=1", "clock=pojk&outcome=kept", "moved=a:b", "recorded=nothing", "left=reported&from=x",
     "left=reported&step=nothing", "left=reported&by=%00", "recorded=repeat_contacts&said=x", "left=" + "x" * 300],
)  # fmt: skip
def test_no_other_rows_are_shown(cast: Cast, query: str) -> None:
    assert cast.login("supervisor").get(f"/dashboard/keluhan/rows?{query}").status_code == 404


def test_rows_are_of_cases_that_one_may_see(boss: FlaskClient, app: Flask) -> None:
    address = "/dashboard/hard_complaint/rows?left=" + next(iter(SOPS["hard_complaint"].open_states))
    assert boss.get(address).status_code == 200
    manager = Cast(app).login("legal_manager")
    assert manager.get(address).status_code == 404
    assert manager.get("/dashboard/all/rows?left=reported").status_code == 404
    assert Cast(app).login("cs").get(address).status_code == 403
    assert boss.get("/dashboard/keluhan/rows?left=reported&page=99999").status_code == 200


def test_the_list_says_what_it_is_narrowed_to_and_lets_go_of_it(cast: Cast) -> None:
    client = cast.login("supervisor")
    in_english(client)
    query = "open=1&due=none&age=91-&unit=none&left=reported&step=start&by=Unit&from=2026-01-01&to=2026-02-03"
    text = client.get(f"/keluhan/?{query}").text
    notes = re.search(r'<ul class="quick-filters" aria-label="Narrowed to">.*?</ul>', text, re.S)[0]
    for words in ("Open", "More than 90 days old", "Without a unit",
                  "Left “Reported” · Start handling · Unit: 1 Jan 2026 – 3 Feb 2026"):  # fmt: skip
        assert words in notes
    assert re.search(r'<select [^>]*name="due".*?<option value="none" selected>', text, re.S), "it has a choice"
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', notes)]
    assert "/keluhan/?open=1&due=none&age=91-&unit=none" in links
    [kept] = re.findall(r'class="keep-filter" action="/keluhan/[^"?]+\?([^"]+)"', text)
    assert "left=reported&step=start&by=Unit&from=2026-01-01" in html.unescape(kept), "it can be kept under a name"
    form = re.search(r'<form method="get" role="search".*?</form>', text, re.S)[0]
    assert re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', form) == [
        ("open", "1"), ("age", "91-"), ("unit", "none"), ("left", "reported"), ("step", "start"), ("by", "Unit"),
        ("from", "2026-01-01"), ("to", "2026-02-03"),
    ]  # fmt: skip
    due = form.split('name="due"')[1].split("</select>")[0]
    assert '<option value="none" selected>' in due, "the bar has a control for it"


@pytest.mark.parametrize(
    "query",
    [
        "age=5-6", "left=nowhere", "left=reported&step=nothing", "created_from=yesterday", "closed_to=0001-01-01",
        "created_to=9999-12-31", "unit=x", "unit=-1", "unit=999", "unit=%C2%B2", "recorded=nothing",
        "by=%00&left=reported", "recorded=repeat_contacts&said=said:x", "clock=pojk", "clock=pojk&outcome=void",
        "clock=" + "x" * 300,
        "mutated=1&from=x", "unit=99999999999999999999", "late_on=x", "late_on=0001-01-01",
        "holder=x", "holder=99999999999999999999", "holder=999", "with=x", "with=999",
    ],
)  # fmt: skip
def test_what_can_not_be_read_shows_nothing_and_says_so(app: Flask, query: str) -> None:
    client = Cast(app).login("supervisor")
    in_english(client)
    answer = client.get(f"/keluhan/?{query}")
    assert answer.status_code == 200
    assert "Something in the address can&#39;t be read" in answer.text
    assert "No case matches this." in answer.text


def test_only_who_oversees_opens_it(cast: Cast) -> None:
    for name in ("cs", "cso", "legal"):
        client = cast.login(name)
        assert 'href="/dashboard/"' not in client.get("/").text
        for path in ("/dashboard/", "/dashboard/somasi", "/dashboard/all/open.csv"):
            assert client.get(path).status_code == 403
    assert cast.login("unit", unit="ulp_menteng").get("/dashboard/").status_code == 403
    assert cast.app.test_client().get("/dashboard/").status_code == 302


def test_the_legal_manager_sees_somasi_alone(cast: Cast) -> None:
    manager = cast.login("legal_manager")
    text = manager.get("/dashboard/").text
    assert 'href="/dashboard/"' in text
    assert "/somasi/" in text
    assert not re.search(r'href="/(keluhan|pengaduan|hard_complaint|dashboard/keluhan)', text)
    assert manager.get("/dashboard/somasi").status_code == 200
    for path in ("/dashboard/keluhan", "/dashboard/pengaduan/times.csv", "/dashboard/nothing"):
        assert manager.get(path).status_code == 404
    assert b"Keluhan" not in manager.get("/dashboard/all/open.csv").data


def test_no_page_needs_inline_code_or_the_net(boss: FlaskClient) -> None:
    for key in ("", "pengaduan"):
        text = boss.get(f"/dashboard/{key}").text
        assert "<canvas" in text
        assert not re.search(r"\sstyle=|<style|\son\w+=\"", text)
        assert all("src=" in tag and "nonce=" in tag for tag in re.findall(r"<script[^>]*>", text))
        assert not re.search(r'(src|href)="(https?:)?//', text)
        assert text.count("<h1") == 1
    assert b"sourceMappingURL" not in boss.get(assets.asset("vendor/chart.js")).data


def test_the_menu_has_it_beside_the_tasks(cast: Cast) -> None:
    text = cast.login("supervisor").get("/").text
    places = [text.index(f'href="{path}"') for path in ("/tasks/", "/dashboard/", "/agenda/", "/indicators/")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "query",
    ["from=x", "to=2026-99-01", "from=2026-05-01&to=2026-04-01", "from=0001-01-01", "from=1990-01-01&to=2026-01-01"],
)  # fmt: skip
def test_a_period_without_sense_is_reported_and_the_usual_one_shown(cast: Cast, query: str) -> None:
    client = cast.login("supervisor")
    answer = client.get(f"/dashboard/?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'class="tiles"' in answer.text
    assert client.get(f"/dashboard/all/open.csv?{query}").status_code == 400


def test_csv_of_each_figure_over_one_and_over_all(boss: FlaskClient) -> None:
    for key in ("all", "pengaduan"):
        addresses = re.findall(rf'href="(/dashboard/{key}/\w+\.csv[^"]+)"',
                               boss.get("/dashboard/" + key.replace("all", "")).text)  # fmt: skip
        assert len(addresses) >= 4
        for address in map(html.unescape, addresses):
            answer = boss.get(address)
            assert answer.status_code == 200
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert len(answer.data.decode("utf-8-sig").splitlines()) > 1
    assert boss.get("/dashboard/all/nothing.csv").status_code == 404


def test_the_report_to_ojk_is_announced_to_whoever_may_have_it(cast: Cast) -> None:
    assert "/ojk/?quarter=" in cast.login("supervisor").get("/dashboard/pengaduan").text
    assert "/ojk/" not in cast.login("coo").get("/dashboard/").text


def test_the_number_of_queries_does_not_grow_with_the_cases(app: Flask) -> None:
    def queries(key: str) -> int:
        client.get(f"/dashboard/{key}")
        with counted(app) as statements:
            assert client.get(f"/dashboard/{key}").status_code == 200
        return len(statements)

    with app.app_context():
        months = Months(app)
        months.pass_by()
    client = Cast(app).login("supervisor")
    few = {key: queries(key) for key in ("", "keluhan", "pengaduan", "hard_complaint")}
    assert max(few.values()) <= 20
    with app.app_context():
        months.complaints()
        months.calls()
        months.clocks()
    assert {key: queries(key) for key in few} == few
