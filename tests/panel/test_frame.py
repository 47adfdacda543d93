"""The frame: language, menu, messages, error pages, and that every page can be read by everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from playwright.sync_api import Browser
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.serving import make_server

from app.extensions import db
from app.panel import frame
from app.workflow.mistakes import Mistake
from tests.cast import PASSWORD, Cast
from tests.e2e.gestures import examined
from tests.moment import context_of
from tests.panel.helpers import counted, somasi
from tests.servers import serving

PAGES = ("/", "/agenda/", "/agenda/month", "/agenda/subscription", "/conformance/somasi", "/procedures/",
         "/procedures/somasi", "/unitview/list/", "/unitview/add", "/hearingstageview/list/", "/users/list/",
         "/users/add", "/users/userinfo/",
         "/resetmypassword/form", "/reports/", "/reports/downloads/", "/exports/log", "/roles/list/",
         "/somasi/999")  # fmt: skip

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def test_the_page_says_its_language(client: FlaskClient) -> None:
    assert '<html lang="id">' in client.get("/login/").text
    client.get("/lang/en")
    page = client.get("/login/").text
    assert '<html lang="en">' in page
    assert ">Sign in</button>" in page


def test_the_login_form_helps_password_managers(client: FlaskClient) -> None:
    page = client.get("/login/").text
    user, password = (re.search(rf'<input[^>]*id="{name}"[^>]*>', page)[0] for name in ("username", "password"))
    assert 'autocomplete="username"' in user
    assert " autofocus" in user
    assert 'autocomplete="current-password"' in password
    assert '<label for="username">' in page
    assert '<label for="password">' in page


def test_a_wrong_password_is_explained_in_place(cast: Cast, client: FlaskClient) -> None:
    cast.user("cs")
    wrong = {"username": "cs", "password": "salah"}
    answer = client.post("/login/", data=wrong, follow_redirects=True)
    assert re.search(r'<div class="alert[^>]*role="alert"', answer.text)
    assert 'name="password"' in answer.text


def test_the_menu_begins_with_my_tasks(cast: Cast) -> None:
    menu = re.search(r'<ul class="menu">.*?</nav>', cast.login("admin").get("/").text, re.S)[0]
    paths = ("/tasks/", "/somasi/", "/agenda/", "/unitview/list/", "/users/list/")
    places = [menu.index(f'href="{path}"') for path in paths]
    assert places == sorted(places)
    assert "/groups/" not in menu


def test_the_menu_unfolds_in_three_sections_with_headings(cast: Cast) -> None:
    def sections(name: str) -> dict[str, list[str]]:
        menu = html.fromstring(cast.login(name).get("/").text).xpath("//ul[@class='menu']")[0]
        return {
            part.xpath("string(button)").strip(): [h.text_content() for h in part.xpath(".//p[@class='menu-heading']")]
            for part in menu.xpath("li[@class='dropdown']")
        }

    assert sections("admin") == {
        "Kasus": ["Daftar", "Lainnya"],
        "Laporan": ["Angka", "Berkas", "Kewajiban"],
        "Pengaturan": ["Data induk", "Tenggat dan kalender", "Orang", "Email dan pemberitahuan", "Operasi"],
    }
    assert sections("legal") == {"Kasus": ["Daftar", "Lainnya"], "Laporan": []}, "one group needs no heading"


def test_a_category_without_an_entry_is_left_out(cast: Cast) -> None:
    menu = re.search(r'<ul class="menu">.*?</nav>', cast.login("cso").get("/").text, re.S)[0]
    assert "/unitview/" not in menu
    assert menu.count('class="dropdown"') == 2, "cases and reports"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_inline_code_or_the_net(cast: Cast, path: str) -> None:
    page = cast.login("admin").get(path).text
    assert not re.search(r"\sstyle=|<style|\son\w+=\"", page)
    assert all("src=" in tag and "nonce=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert page.count("<h1") == 1
    assert 'href="#main"' in page
    assert 'id="main"' in page


def test_strangers_get_a_readable_problem_page(client: FlaskClient) -> None:
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert 'class="brand"' in answer.text
    assert '<ul class="menu">' not in answer.text


def test_a_way_back_leads_to_our_own_pages_only(cast: Cast) -> None:
    browser = cast.login("cs")
    ours = browser.get("/somasi/999", headers={"Referer": "http://localhost/somasi/"}).text
    assert 'href="http://localhost/somasi/"' in ours
    theirs = browser.get("/somasi/999", headers={"Referer": "http://localhost.evil.test/"}).text
    assert "evil" not in theirs


def test_the_page_of_a_breakdown_asks_the_database_nothing(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = cast.login("cs")

    def broken() -> None:
        raise RuntimeError

    monkeypatch.setitem(app.view_functions, "UtilView.back", broken)
    with counted(app) as statements:
        answer = browser.get("/back")
    assert answer.status_code == 500
    assert 'class="card problem"' in answer.text
    assert statements == []


@pytest.mark.parametrize("reason", ["database is locked", "unable to open database file"])
def test_without_its_database_the_product_still_says_so(app: Flask, cast: Cast, reason: str) -> None:
    browser = cast.login("cs")

    def away(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception(reason))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", away)
    try:
        answer = browser.get("/")
    finally:
        event.remove(engine, "before_cursor_execute", away)
    assert answer.status_code in (500, 503)
    assert 'class="card problem"' in answer.text


def test_a_page_costs_a_query_for_the_menu_and_one_for_the_inbox(app: Flask, cast: Cast) -> None:
    browser = cast.login("cs")
    browser.get("/resetmypassword/form")
    with counted(app) as statements:
        browser.get("/resetmypassword/form")
    assert sum("count(" in statement for statement in statements) == 2


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application on a real port."""
    with serving(make_server("127.0.0.1", 0, app, threaded=True)) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    yield chromium
    for context in chromium.contexts:
        context.close()


def sign_in(page: Any, address: str, name: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{address}/")


def readable(page: Any, width: int, path: str) -> None:
    """Nothing serious for axe, and nothing sticks out of the screen."""
    found = examined(page)
    serious = [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == [], path
    assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two documents of a deployment were left out at the start."""
    mistakes = (
        Mistake(
            "steps.pay.by", "unknown %(kind)s “%(name)s”", {"kind": "role", "name": "<b>Kasir</b>"}, "bayar/sop.toml"
        ),
        Mistake("", "lacks “%(word)s”", {"word": "number"}, "bayar/sop.toml"),
        Mistake("", "is no TOML: %(error)s", {"error": "x" * 200}, "lain/sop.toml"),
    )
    monkeypatch.setattr(frame, "LOADED", replace(frame.LOADED, broken=mistakes))


@pytest.mark.usefixtures("broken")
def test_administrators_read_which_procedures_do_not_run(cast: Cast) -> None:
    for path in ("/tasks/", "/somasi/", "/unitview/list/"):
        page = html.fromstring(cast.login("boss", "admin", "cs").get(path).text)
        banners = page.xpath("//div[@class='alert alert-danger']")
        assert ["bayar/sop.toml" in one.text_content() for one in banners] == [True, False], path
        first = [one.text_content() for one in banners[0].xpath(".//li")]
        assert len(first) == 2
        assert "<b>Kasir</b>" in first[0]
    assert "bayar/sop.toml" not in cast.login("supervisor").get("/").text
    assert "bayar/sop.toml" not in cast.app.test_client().get("/login/").text


def test_nothing_is_said_while_all_procedures_run(cast: Cast) -> None:
    assert "alert-danger" not in cast.login("admin").get("/").text


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious_in_their_banner(cast: Cast, address: str, browser: Any, width: int) -> None:
    cast.user("admin")
    page = context_of(browser, viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
    sign_in(page, address, "admin")
    assert page.locator(".alert-danger").count() == 2
    readable(page, width, "/")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(cast: Cast, pdf: bytes, address: str, browser: Any, width: int) -> None:
    somasi(cast.login("legal"), pdf)
    cast.user("everyone", "admin", "cs", "legal")
    page = context_of(browser, viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
    sign_in(page, address, "everyone")
    for path in PAGES:
        page.goto(address + path)
        readable(page, width, path)


def test_the_menu_works_on_a_phone_and_by_keyboard(cast: Cast, address: str, browser: Any) -> None:
    cast.user("cs")
    page = context_of(browser, viewport={"width": 390, "height": 800}).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, address, "cs")
    assert not page.locator("#menu").is_visible()
    page.locator(".burger").focus()
    page.keyboard.press("Enter")
    page.locator("#menu nav button.dropdown-toggle").first.click()
    page.locator('#menu a[href="/somasi/"]').click()
    page.wait_for_url(f"{address}/somasi/")
    assert complaints == [], "nothing is refused by the content security policy"


def test_a_second_click_sends_nothing(cast: Cast, address: str, browser: Any) -> None:
    cast.user("admin")
    page = context_of(browser).new_page()
    sign_in(page, address, "admin")
    page.goto(f"{address}/unitview/add")
    page.fill("#code", "U1")
    page.fill("#name", "Unit Satu")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("form button[type=submit]").last.dblclick()
    page.wait_for_url(f"{address}/unitview/list/")
    assert len(sent) == 1
