"""What Legal writes for itself (a note, how a hearing went) is nowhere to be read by CS, as its papers are not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Notice, OutgoingMail
from app.models.derive import case_model
from app.services import reports
from app.services.calendar import feed
from app.services.core import history
from app.services.core.access import Actor, user_named
from app.services.documents import printing
from app.sop import SOPS
from tests.api.story import SCAN, Story
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, SOMASI

#: One word in the note of a step, one in a hearing, one in the note with which the case was handed over.
NOTE, HEARING, HANDED = "Zxqvnota", "Zxqvsidang", "Zxqvserah"
SECRETS = (NOTE, HEARING, HANDED)
COMMON = ("/api/v1/security/", "/api/<version>/_openapi", "/api/v1/menu/", "/api/v1/openapi/", "/static", "/logout")


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    """A case before the court, with the secrets of Legal."""
    cast.user("cs")
    made = cast.api("legal").post("/somasi/", SOMASI, files={"somasi": SCAN})
    assert made.status_code == 201, made.text
    story = Story.__new__(Story)
    story.cast, story.sop, story.people, story.case = cast, "somasi", {}, made.json
    story.path = f"/somasi/{made.json['id']}"
    story.does("cs", "submit_documents", *FROM_CS, offered_compensation=1, note="Dari CS")
    story.by("legal_litigasi_1")
    cast.user("litigasi", "legal_litigasi_1")
    story.does("litigasi", "accept_documents", note=f"Lemah: {NOTE} @cs")
    story.by("litigasi").post(f"{story.path}/holder", {"username": "litigasi"})
    given = story.by("litigasi").post(f"{story.path}/holder", {"username": "legal_litigasi_1", "note": HANDED})
    assert given.status_code == 200, given.text
    story.does("legal_litigasi_1", "submit_draft", "draft_tanggapan", "analisis_kasus")
    story.does("legal", "continue_court", "gugatan_pengadilan", court="PN Depok", court_case_number="7",
               registered_date="2026-11-18")  # fmt: skip
    story.does("legal", "record_hearing", stage="mediasi", hearing_date="2026-11-18", next_date="2026-12-07",
               what_happened=f"Saksi {HEARING} mangkir")  # fmt: skip
    return story


def told(answer: TestResponse) -> set[str]:
    """The secrets in an answer; a workbook is unpacked."""
    content = answer.data
    if content.startswith(b"PK\x03\x04"):
        book = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(book.read(name) for name in book.namelist())
    return {word for word in SECRETS if word.lower().encode() in content.lower()}


def of_reports() -> Iterator[str]:
    for report in reports.known().values():
        for form in report.formats:
            yield f"/reports/{report.key}?format={form}&lang=id"


def addresses(app: Flask, pk: int, prefix: str) -> Iterator[str]:
    """Every address of this prefix that can be read, for the case and its SOP."""
    answers = {"pk": [pk], "key": ["somasi", *(r for r in ("suspend", "record_hearing"))], "doc": ["somasi"]}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.rule.startswith(prefix) and not rule.rule.startswith(COMMON):
            yield from _filled(rule, answers)


def _filled(rule: Rule, answers: dict[str, list[Any]]) -> Iterator[str]:
    if rule.arguments <= answers.keys():
        for values in product(*(answers[name] for name in rule.arguments)):
            path = rule.rule
            for name, value in zip(rule.arguments, values, strict=True):
                for converter in ("int:", ""):
                    path = path.replace(f"<{converter}{name}>", str(value))
            yield path


def test_no_address_of_the_api_tells_cs(app: Flask, story: Story) -> None:
    cs = story.by("cs")
    paths = [path.removeprefix("/api/v1") for path in addresses(app, story.case["id"], "/api/v1/")]
    assert {story.path, f"{story.path}/history", f"{story.path}/actions"} <= set(paths)
    for path in [*paths, *of_reports()]:
        assert not told(cs.get(path)), path


def test_no_page_tells_cs(app: Flask, story: Story) -> None:
    browser = story.cast.login("cs")
    pages = {path for path in addresses(app, story.case["id"], "/") if not path.startswith("/api/")}
    assert {story.path, "/somasi/", "/agenda/", "/agenda/month"} <= {*pages, "/somasi/"}
    for path in [*pages, "/somasi/export.csv", "/somasi/export.xlsx"]:
        assert not told(browser.get(path)), path
    assert "Dari CS" in browser.get(story.path).text


def test_legal_and_who_reads_everything_read_it_all(story: Story) -> None:
    for name in ("legal", "legal_manager", "supervisor"):
        reader = story.by(name)
        assert told(reader.get(f"{story.path}/history")) == {*SECRETS}, name
        assert HEARING in reader.get(story.path).text
        assert told(reader.get("/reports/events-somasi?format=csv")) == {NOTE, HANDED}
        assert told(reader.get("/reports/hearings?format=xlsx")) == {HEARING}
        assert told(story.cast.login(name).get(story.path)) == {*SECRETS}


def test_cs_sees_that_there_is_something(story: Story) -> None:
    events = {event["action"]: event for event in story.history("cs")}
    assert events["accept_documents"]["note"] == events["hand_over"]["note"] == "***"
    assert events["submit_documents"]["note"] == "Dari CS"
    (hearing,) = events["record_hearing"]["changes"]["hearings"]
    assert hearing == {"stage": "mediasi", "hearing_date": "2026-11-18", "next_date": "2026-12-07"}
    (row,) = story.by("cs").get(story.path).json["hearings"]
    assert (row["stage"], row["what_happened"]) == ("mediasi", None)
    page = story.cast.login("cs").get(story.path).text
    assert "rahasia: Anda tidak dapat membaca catatannya" in page
    assert "Jalannya sidang" not in page


@pytest.mark.parametrize("word", SECRETS)
def test_search_finds_no_case_by_a_secret(story: Story, word: str) -> None:
    for name in ("cs", "legal"):
        assert story.by(name).get(f"/search?q={quote(word)}").json == []
    assert story.case["number"] not in story.cast.login("cs").get(f"/search?q={word}").text


def test_notices_mails_and_the_calendar_tell_nothing(app: Flask, story: Story, cast: Cast) -> None:
    with app.app_context():
        cs: Actor = Actor.of(user_named("cs"))
        links = feed.Links(lambda sop, pk: "https://x.test", lambda period: "https://x.test")
        calendar = feed.content(cs, "Agenda", links).decode()
        assert story.case["number"] in calendar
        assert not [word for word in SECRETS if word in calendar]
        mentioned = db.session.query(Notice).filter_by(user_id=cs.id, kind="mention").count()
        assert mentioned == 0, "who may not read the note is not called to it"
        mails = [f"{mail.subject} {mail.text}" for mail in db.session.query(OutgoingMail)]
        assert not [word for word in SECRETS for mail in mails if word in mail]


def test_a_printed_form_tells_only_those_for_whom_it_is(app: Flask, story: Story) -> None:
    with app.app_context():
        case = db.session.get(case_model("somasi"), story.case["id"])
        legal = (Actor(None, "", frozenset({"Legal"})),)
        assert not [word for word in SECRETS if word in str(printing.content_of(case))]
        assert all(word in str(printing.content_of(case, legal)) for word in SECRETS)


def test_a_conflict_tells_no_more_than_the_history(story: Story, cast: Cast) -> None:
    late = story.tries("cs", "submit_documents", *FROM_CS, offered_compensation=1, version=1)
    assert late.status_code == 409
    assert "accept_documents" in {event["action"] for event in late.json["changes"]}
    assert not told(late)
    page = cast.login("cs").post(f"{story.path}/do/submit_documents", data={"version": "1"})
    assert page.status_code == 409
    assert not told(page)


def test_the_history_still_verifies(app: Flask, story: Story) -> None:
    story.does("legal", "record_hearing", stage="putusan", hearing_date="2026-11-18", what_happened="x", note="Buka",
               note_open=True)  # fmt: skip
    with app.app_context():
        assert list(history.verify(db.session())) == []


def opened(browser: FlaskClient, story: Story, **tick: str) -> str:
    """Legal writes a note in the form; the page of the case as CS sees it then."""
    hearing = {"stage": "mediasi", "hearing_date": "2026-11-18", "what_happened": "x", "note": "Tawarkan damai"}
    done = browser.post(f"{story.path}/do/record_hearing", data=hearing | tick)
    assert done.status_code == 302, done.text
    return story.cast.login("cs").get(story.path).text


def test_a_tick_opens_a_note_to_everyone(story: Story) -> None:
    browser = story.cast.login("legal")
    assert "Tawarkan damai" not in opened(browser, story)
    page = opened(browser, story, note_open="1")
    assert "Tawarkan damai" in page
    assert "Semua yang melihat kasus boleh membaca catatan" in page


def test_a_form_says_who_will_read_the_note(story: Story) -> None:
    form = story.cast.login("legal").get(f"{story.path}/do/record_hearing").text
    readers = "Legal, Legal Litigasi 1, Legal Litigasi 2, Legal Manager, Supervisor"
    assert form.count(f"Hanya ini yang akan membacanya: {readers}.") == 2, "beside the course of the hearing as well"
    assert 'name="note_open" value="1">' in form


def test_what_is_meant_for_cs_is_read_by_cs(cast: Cast, clock: Any) -> None:
    made = cast.api("legal").post("/somasi/", SOMASI, files={"somasi": SCAN}).json
    path = f"/somasi/{made['id']}"
    everyone = cast.login("cs").get(f"{path}/do/submit_documents").text
    assert "Semua yang melihat kasus akan membacanya." in everyone
    assert "note_open" not in everyone
    files = dict.fromkeys(FROM_CS, SCAN)
    cast.api("cs").post(f"{path}/actions/submit_documents", {"offered_compensation": 1}, files=files)
    browser = cast.login("legal_litigasi_1")
    assert "note_open" not in browser.get(f"{path}/do/request_revision").text
    done = browser.post(f"{path}/do/request_revision", data={"requested": ["mom"], "note": "MOM buram"})
    assert done.status_code == 302
    assert "MOM buram" in cast.login("cs").get(path).text


def test_a_tick_that_nobody_asks_for_is_refused(story: Story) -> None:
    wrong = story.tries("legal", "record_hearing", stage="mediasi", hearing_date="2026-11-18", what_happened="x",
                        note="y", note_open="mungkin")  # fmt: skip
    assert wrong.status_code == 400
    assert wrong.json["missing"][0]["key"] == "note_open"
    other = story.cast.api("cso").post("/keluhan/", {"note": "x", "note_open": True})
    assert "note_open" in {one["key"] for one in other.json["missing"]}


@pytest.fixture
def secret_sender(app: Flask) -> Iterator[None]:
    """The sender of a demand letter, a column of the list, confidential to Legal."""
    sop = SOPS["somasi"]
    senders = [sop.fields["sender"], sop.own_fields["sender"], sop.create.field("sender")]
    for field in senders:
        object.__setattr__(field, "confidential_to", ("Legal",))
    yield
    for field in senders:
        object.__setattr__(field, "confidential_to", ())


@pytest.mark.usefixtures("secret_sender")
def test_a_confidential_field_is_nowhere_either(app: Flask, cast: Cast, clock: Any) -> None:
    made = cast.api("legal").post("/somasi/", SOMASI | {"sender": f"Kantor {NOTE}"}, files={"somasi": SCAN}).json
    path, ordered = f"/somasi/{made['id']}", "?_oc_SomasiView=sender&_od_SomasiView=asc"
    legal, cs = cast.api("legal"), cast.api("cs")
    for address in (path, f"{path}/history", "/somasi/", "/reports/cases-somasi?format=csv"):
        assert told(legal.get(address)) == {NOTE}, address
        assert not told(cs.get(address)), address
    assert cs.get(path).json["sender"] is None
    for query in ({"order_column": "sender"}, {"filters": [{"col": "sender", "opr": "ct", "value": NOTE[:3]}]}):
        assert cs.get(f"/somasi/?q={prison.dumps(query)}").status_code == 400
    for name in ("legal", "cs"):
        assert cast.api(name).get(f"/search?q={NOTE}").json == []
    for address in (path, "/somasi/", "/somasi/export.csv", f"/somasi/{ordered}"):
        assert told(cast.login("legal").get(address)) == {NOTE}, address
        assert not told(cast.login("cs").get(address)), address
    found = cast.login("cs").get("/somasi/?q=Budi")
    assert made["number"] in found.text, "a confidential field masks nothing else"
