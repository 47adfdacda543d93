"""Tugas saya and the agenda: what each person finds on the first page."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.panel import notices
from app.services.cases.triage import SIZE
from app.services.core import clock
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, counted, file, fill, posko, send, somasi


def part(text: str, name: str) -> str:
    """The section of the worklist that is headed by ``name``."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', text, re.S)
    return found[0] if found else ""


@pytest.fixture
def page(cast: Cast, pdf: bytes) -> str:
    return somasi(cast.login("legal"), pdf)


def to_court(cast: Cast, page: str, pdf: bytes, days: int) -> None:
    """Walks the case to its first hearing; the next one is in ``days`` days."""
    one, cs = cast.login("legal_litigasi_1"), cast.login("cs")
    send(cs, f"{page}/do/submit_documents", {"offered_compensation": "1"}, **{k: file(pdf) for k in FROM_CS})
    one.post(f"{page}/do/accept_documents")
    send(one, f"{page}/do/submit_draft", {}, draft_tanggapan=file(pdf), analisis_kasus=file(pdf))
    court = {"court": "PN Bandung", "court_case_number": "7/Pdt.G/2026", "registered_date": "2026-11-10"}
    send(one, f"{page}/do/continue_court", court, gugatan_pengadilan=file(pdf))
    hearing = {
        "stage": "mediasi", "hearing_date": "2026-11-12", "what_happened": "Mediasi",
        "next_date": (_today(cast.app) + timedelta(days=days)).isoformat(),
    }  # fmt: skip
    assert one.post(f"{page}/do/record_hearing", data=hearing).status_code == 302


def _today(app: Flask):
    with app.app_context():
        return clock.today()


def test_strangers_are_sent_to_the_login_page(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")


def test_my_turn_shows_the_step_and_what_it_lacks(cast: Cast, page: str) -> None:
    free = part(cast.login("cs").get("/").text, "free")
    assert f'href="{page}"' in free
    assert f'href="{page}/do/submit_documents"' in free
    [lacking] = re.findall(r'class="task-lacking" href="([^"]*)" title="([^"]*)">\D*(\d+)', free)
    assert (lacking[0], int(lacking[2])) == (f"{page}#documents", len(FROM_CS))
    assert lacking[1].count(".") >= 5, "a sentence per document that is lacking"
    assert "due-ok" in free
    assert "badge-state state-amber" in free


def test_waiting_shows_whose_turn_it_is_and_offers_no_step(cast: Cast, page: str) -> None:
    text = cast.login("legal_litigasi_1").get("/").text
    waiting = part(text, "waiting")
    assert f'href="{page}"' in waiting
    assert "CS" in waiting
    assert "/do/" not in waiting
    assert page not in part(text, "mine") + part(text, "free")


def test_the_menu_tells_how_many_cases_wait(cast: Cast, page: str) -> None:
    menu = cast.login("cs").get("/agenda/").text.split("</header>")[0]
    assert re.search(r'class="count">.*?1</span>', menu, re.S)
    assert 'class="count"' not in cast.login("legal_manager").get("/agenda/").text.split("</header>")[0]


def test_the_menu_counts_no_further_than_it_tells(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page has the menu, and would read all the cases of whoever has eighty thousand."""
    monkeypatch.setattr(notices, "MOST", 3)
    posko(app)
    fill(cast, 2)
    browser = cast.login("unit", unit="ulp_menteng")
    for shown in ("2", "3", "3+", "3+"):
        with counted(app) as statements:
            menu = browser.get("/search").text.split("</header>")[0]
        assert re.search(r'class="count">.*?</span> (\S+)</span>', menu, re.S)[1] == shown
        [count] = [one for one in statements if "count(" in one and "notices" not in one]
        assert re.search(r"ORDER BY cases\.due_at.* LIMIT 4\b", count, re.S)
        fill(cast, 1)
    assert 'count-free">6<' in browser.get("/").text, "the page itself counts further"


def test_followed_cases_have_their_own_list(cast: Cast, page: str) -> None:
    browser = cast.login("legal_manager")
    text = browser.get("/tasks/").text
    assert page in part(text, "waiting")
    assert page not in part(text, "later")
    browser.post(f"{page}/follow", data={"wanted": "1"})
    text = browser.get("/tasks/").text
    assert f'href="{page}"' in part(text, "later")
    assert page not in part(text, "waiting"), "each case stands once"


@pytest.mark.parametrize(
    ("who", "opens", "never"),
    [("legal", {"somasi"}, {"keluhan", "gangguan"}), ("cso", {"keluhan", "gangguan"}, {"somasi"})],
)
def test_whoever_may_open_cases_finds_the_buttons(cast: Cast, who: str, opens: set[str], never: set[str]) -> None:
    found = set(re.findall(r'class="btn[^"]*" href="/(\w+)/new"', cast.login(who).get("/").text))
    assert opens <= found
    assert not never & found


def test_empty_lists_say_so(cast: Cast) -> None:
    text = cast.login("cs").get("/").text
    assert all('class="empty"' in part(text, name) for name in ("mine", "waiting", "later"))


def test_a_hearing_of_this_week_is_announced(cast: Cast, page: str, pdf: bytes) -> None:
    to_court(cast, page, pdf, days=4)
    coming = part(cast.login("legal").get("/").text, "coming")
    assert page in coming
    assert "PN Bandung" in coming


def test_a_hearing_of_next_month_is_in_the_agenda_alone(cast: Cast, page: str, pdf: bytes) -> None:
    to_court(cast, page, pdf, days=40)
    legal = cast.login("legal")
    assert part(legal.get("/").text, "coming") == ""
    agenda = legal.get("/agenda/").text
    assert page in agenda
    assert "Mediasi" in agenda
    assert "PN Bandung · 7/Pdt.G/2026" in agenda


def test_a_hearing_without_outcome_comes_first(cast: Cast, page: str, pdf: bytes) -> None:
    with cast.app.app_context():
        earlier = clock.now() - timedelta(days=4)
    with clock.at(earlier):
        other = somasi(cast.login("legal"), pdf, subject="Kedua")
        to_court(cast, other, pdf, days=1)
    to_court(cast, page, pdf, days=2)
    agenda = cast.login("legal").get("/agenda/").text
    assert agenda.index(other) < agenda.index(page)
    assert "deadline-late" in agenda


def test_roles_without_a_calendar_have_no_agenda(cast: Cast) -> None:
    browser = cast.login("cso")
    assert 'href="/agenda/"' not in browser.get("/").text
    assert browser.get("/agenda/").status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_cases(app: Flask, cast: Cast, pdf: bytes) -> None:
    legal, browser = cast.login("legal"), cast.login("cs")
    counts = []
    for more in (2, 6):
        for _ in range(more):
            somasi(legal, pdf)
        browser.get("/")
        with counted(app) as statements:
            assert browser.get("/").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_group_goes_on_page_by_page_and_each_case_stands_once(cast: Cast, app: Flask) -> None:
    posko(app)
    fill(cast, 60)
    browser = cast.login("unit", unit="ulp_menteng")
    overview = browser.get("/").text
    assert 'count-free">60<' in overview
    assert overview.count("data-row") == SIZE, "the first page of what nobody has taken"
    seen: list[str] = []
    address = "/tasks/?group=free"
    while address:
        text = browser.get(address).text
        seen += re.findall(r'class="number" href="([^"]+)"', part(text, "free"))
        found = re.search(r'href="(/tasks/\?group=free&amp;after=[^"]+)"', part(text, "free"))
        address = unescape(found[1]) if found else ""
    assert len(seen) == len(set(seen)) == 60
    beginning = re.findall(r'class="number" href="([^"]+)"', part(overview, "free"))
    assert seen[:SIZE] == beginning
    taken = browser.post(f"{seen[0]}/take", data={"back": "worklist", "group": "free", "after": "x"})
    assert taken.headers["Location"] == "/tasks/?group=free&after=x"
    for odd in ("/tasks/?group=free&after=x", "/tasks/?group=nothing", "/tasks/?group=free&after=W10"):
        assert browser.get(odd).status_code == 200
