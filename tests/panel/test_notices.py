"""The inbox: what is under the bell, and its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.core import clock
from app.services.notices import report_reminders
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, counted, file, in_english, send, somasi


@pytest.fixture
def page(cast: Cast, pdf: bytes) -> str:
    """The path of a new demand letter; CS, whose turn it is, reads English."""
    cast.user("cs")
    return somasi(cast.login("legal"), pdf)


@pytest.fixture
def cs(cast: Cast, page: str) -> FlaskClient:
    browser = cast.login("cs")
    in_english(browser)
    return browser


def inbox_button(browser: FlaskClient) -> str:
    return re.search(r'<div class="bell.*?</a>', browser.get("/users/userinfo/").text, re.S)[0]


def first(browser: FlaskClient, query: str = "") -> str:
    """The number of the first notice of the list."""
    return re.search(r"/notices/(\d+)/open", browser.get(f"/notices/{query}").text)[1]


def test_the_inbox_counts_what_is_unread(cs: FlaskClient, cast: Cast) -> None:
    assert 'aria-label="Notices: 1 unread"' in inbox_button(cs)
    assert '<span class="count bell-count" >1</span>' in inbox_button(cs)
    assert re.search(r"bell-count. hidden", inbox_button(cast.login("legal")).replace('"', " "))


def test_strangers_have_no_inbox(client: FlaskClient) -> None:
    assert "data-bell" not in client.get("/login/").text
    for path in ("/notices/", "/notices/latest", "/notices/count", "/notices/choices"):
        assert client.get(path).status_code == 302, path
    assert client.post("/notices/read").status_code == 302


def test_what_the_bell_unfolds(cs: FlaskClient, page: str) -> None:
    text = cs.get("/notices/latest").text
    assert "Your turn: SOM-" in text
    assert "Awaiting CS documents" in text
    assert "<html" not in text
    assert "All notices" in text
    assert "Mark all as read" in text


def test_the_count_of_the_inbox(cs: FlaskClient) -> None:
    answer = cs.get("/notices/count", headers={"X-Unattended": "1"})
    assert answer.json == {"unread": 1, "short": "1", "label": "Notices: 1 unread"}
    assert answer.cache_control.no_store
    assert "Set-Cookie" not in answer.headers, "asking by itself must not keep a session alive"
    assert "Set-Cookie" in cs.get("/users/userinfo/").headers


def test_opening_a_notice_leads_to_its_case_and_reads_it(cs: FlaskClient, page: str) -> None:
    number = first(cs)
    assert cs.get(f"/notices/{number}/open").status_code in (404, 405), "looking ahead reads nothing"
    assert cs.get("/notices/count").json["unread"] == 1
    answer = cs.post(f"/notices/{number}/open")
    assert answer.status_code == 302
    assert answer.headers["Location"] == page
    assert cs.get("/notices/count").json["unread"] == 0


def test_a_report_that_is_due_leads_to_its_page(cast: Cast) -> None:
    boss = cast.login("supervisor")
    in_english(boss)
    with cast.app.test_request_context(), clock.at(datetime(2026, 10, 10, 5, tzinfo=UTC)):
        assert report_reminders.watch() == 1
    assert "The report to OJK on quarter 3 of 2026 is due on 10 Oct 2026" in boss.get("/notices/").text
    opened = boss.post(f"/notices/{first(boss)}/open")
    assert opened.location == "/ojk/?quarter=2026-3"
    assert 'aria-label="Notices"' in inbox_button(boss)


def test_somebody_elses_notice_is_not_there(cs: FlaskClient, cast: Cast) -> None:
    number, other = first(cs), cast.login("legal")
    for notice in (number, str(2**40)):
        assert other.post(f"/notices/{notice}/open").status_code == 404
        assert other.post("/notices/read", data={"notice": notice}).status_code == 404
    assert other.post("/notices/read", data={"notice": "x"}).status_code == 400
    assert cs.get("/notices/count").json["unread"] == 1


def test_the_list_marks_and_filters(cs: FlaskClient, cast: Cast, page: str, pdf: bytes) -> None:
    send(cs, f"{page}/do/submit_documents", {"offered_compensation": "1"}, **{k: file(pdf) for k in FROM_CS})
    one = cast.login("legal_litigasi_1")
    answer = one.post(f"{page}/do/request_revision", data={"note": "Buram", "requested": "bukti_pod"})
    assert answer.status_code == 302, answer.text
    text = cs.get("/notices/").text
    assert text.count("notice-open") == 2
    assert text.index("asks for a revision of SOM-") < text.index("Your turn: SOM-"), "unread first"
    assert text.count("notice-unread") == 1
    revisions = cs.get("/notices/?kind=revision").text
    assert "Your turn" not in revisions
    assert re.search(r'value="revision" selected', revisions)
    assert "No notice of this kind." in cs.get("/notices/?kind=mention").text
    assert cs.get("/notices/?kind=gossip").status_code == 400
    assert cs.get("/notices/?page=-3").status_code == cs.get("/notices/?page=x").status_code == 200
    assert cs.post("/notices/read", data={"notice": first(cs), "kind": "revision"}).status_code == 302
    assert cs.get("/notices/count").json["unread"] == 0


def test_all_at_once(cs: FlaskClient, cast: Cast, pdf: bytes) -> None:
    somasi(cast.login("legal"), pdf)
    assert cs.get("/notices/count").json["unread"] == 2
    cs.post("/notices/read")
    assert cs.get("/notices/count").json["unread"] == 0
    assert "notice-unread" not in cs.get("/notices/").text


def test_choosing_what_comes_by_mail(cs: FlaskClient) -> None:
    assert 'href="/notices/choices"' in cs.get("/users/userinfo/").text
    assert "cs@example.test" in cs.get("/notices/choices").text
    wanted = {"way-revision": "at_once", "way-mention": "digest", "language": "en"}
    answer = cs.post("/notices/choices", data=wanted, follow_redirects=True)
    assert "Your choice is saved." in answer.text
    assert re.findall(r'value="(\w+)" selected', answer.text) == ["at_once", "digest", "en"]
    for wrong in ({"way-mention": "weekly"}, {"language": "jv"}):
        assert cs.post("/notices/choices", data=wrong).status_code == 400
    assert " selected" not in cs.post("/notices/choices", follow_redirects=True).text.partition("<main")[2]


def test_a_form_from_elsewhere_marks_nothing(make_app: Callable[..., Flask]) -> None:
    cast = Cast(make_app(WTF_CSRF_ENABLED=True))
    cast.user("cs")
    browser = cast.app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/login/").text)[1]
    signed_in = {"username": "cs", "password": "tuntas-demo", "csrf_token": token}
    assert browser.post("/login/", data=signed_in).status_code == 302
    assert browser.post("/notices/read").status_code == 400
    assert browser.post("/notices/choices", data={"way-mention": "digest"}).status_code == 400


def test_the_form_of_a_step_tells_of_mentions(cs: FlaskClient, page: str) -> None:
    text = cs.get(f"{page}/do/submit_documents").text
    assert "Write @username" in text
    assert re.search(r'<textarea[^>]*aria-describedby="note-help"', text)


def test_queries_do_not_grow_with_the_notices(cs: FlaskClient, cast: Cast, app: Flask, pdf: bytes) -> None:
    legal, counts = cast.login("legal"), []
    for more in (1, 6):
        for _ in range(more):
            somasi(legal, pdf)
        cs.get("/notices/")
        with counted(app) as statements:
            assert cs.get("/notices/").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
