"""Comments on a case: for everybody who sees it or for some roles alone, and nowhere a trace for anybody else."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Document, Notice, OutgoingMail
from app.services.core import history
from app.services.core.access import user_named
from app.services.documents import printing
from tests.api.cases.test_confidential import addresses, of_reports
from tests.api.story import SCAN, Story
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, SOMASI

#: What only Legal reads, and the name of the file that came with it.
SECRET, FILE = "Zxqvkomen", "Zxqvberkas"
BEGUN = ("legal", "cs", "legal_litigasi_1", "legal_manager", "supervisor", "admin")


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    """A demand letter on which Legal has commented: once for everybody, once for itself with a file."""
    for name in BEGUN:
        cast.user(name)
    made = cast.api("legal").post("/somasi/", SOMASI, files={"somasi": SCAN})
    story = Story.__new__(Story)
    story.cast, story.sop, story.people, story.case = cast, "somasi", {}, made.json
    story.path = f"/somasi/{made.json['id']}"
    assert says(story, "legal", "Mohon dilengkapi, @cs.").status_code == 201
    hidden = story.by("legal").post(
        f"{story.path}/comments",
        {"text": f"Posisi kita lemah: {SECRET} @legal_manager", "to": ["Legal Manager", "Legal Litigasi 1"]},
        files={"files": (f"{FILE}.pdf", SCAN[1] + b"%1")},
    )
    assert hidden.status_code == 201, hidden.text
    return story


def says(story: Story, name: str, text: str, to: list[str] | None = None) -> TestResponse:
    return story.by(name).post(f"{story.path}/comments", {"text": text} | ({"to": to} if to is not None else {}))


def comments(story: Story, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = story.by(name).get(f"{story.path}/comments").json
    return found


def told(answer: TestResponse) -> bool:
    """Whether an answer says anything of what is for Legal alone; a workbook is unpacked."""
    content = answer.data
    if content.startswith(b"PK\x03\x04"):
        book = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(book.read(name) for name in book.namelist())
    return any(word.lower().encode() in content.lower() for word in (SECRET, FILE))


def test_a_comment_stands_with_its_author_time_and_files_the_newest_last(story: Story) -> None:
    first, second = comments(story, "legal")
    assert (first["actor"], first["account"], first["text"], first["to"]) == (
        "Legal Uji", "legal", "Mohon dilengkapi, @cs.", [],
    )  # fmt: skip
    assert first["files"] == []
    assert first["withdrawn_at"] is None
    assert second["to"] == ["Legal Manager", "Legal Litigasi 1"]
    assert [file["filename"] for file in second["files"]] == [f"{FILE}.pdf"]
    assert second["seq"] > first["seq"]


def test_who_is_named_reads_it_and_who_writes_it_always(story: Story) -> None:
    for name in ("legal", "legal_manager", "legal_litigasi_1", "supervisor"):
        assert len(comments(story, name)) == 2, name
        assert told(story.by(name).get(f"{story.path}/history")), name
        assert told(story.by(name).get("/reports/events-somasi?format=csv")), name
    for name in ("cs", "admin"):
        assert [one["text"] for one in comments(story, name)] == ["Mohon dilengkapi, @cs."], name


@pytest.mark.parametrize("name", ["cs", "admin"])
def test_no_address_tells_anybody_else(app: Flask, story: Story, name: str) -> None:
    api, browser = story.by(name), story.cast.login(name)
    paths = [path.removeprefix("/api/v1") for path in addresses(app, story.case["id"], "/api/v1/")]
    assert f"{story.path}/comments" in paths
    for path in [*paths, *of_reports()]:
        assert not told(api.get(path)), path
    pages = {path for path in addresses(app, story.case["id"], "/") if not path.startswith("/api/")}
    assert story.path in pages
    for path in [*pages, "/somasi/export.csv", "/somasi/export.xlsx"]:
        assert not told(browser.get(path)), path


def test_that_there_is_a_comment_is_not_told_either(story: Story) -> None:
    assert [event["action"] for event in story.history("cs")] == ["submit", "comment"]
    assert story.by("cs").get("/reports/events-somasi?format=csv").text.count("Komentar") == 1
    assert story.by("legal").get("/reports/events-somasi?format=csv").text.count("Komentar") == 2
    assert "Komentar" not in story.by("legal").get("/reports/events-somasi?format=xes").text
    listed = story.by("cs").get("/reports/events-somasi?format=csv&background=1").json
    assert listed["expected"] <= 2
    page = story.cast.login("cs").get("/somasi/?moved=comment:awaiting_cs_documents:awaiting_cs_documents")
    assert story.case["number"] not in page.text


def test_search_finds_a_case_by_the_comments_that_one_may_read(story: Story) -> None:
    number = story.case["number"]
    for name, words, finds in (
        ("legal_manager", SECRET.lower()[:6], True), ("legal_manager", f"lemah {SECRET}", True),
        ("cs", SECRET, False), ("admin", SECRET, False), ("cs", "dilengkapi", True),
        ("legal_manager", "lemah dilengkapi", False),
    ):  # fmt: skip
        found = [one["number"] for one in story.by(name).get("/search", query_string={"q": words}).json]
        assert (number in found) is finds, (name, words)
        page = story.cast.login(name).get("/search", query_string={"q": words})
        assert (number in page.text or page.status_code == 302) is finds, (name, words)


def test_a_file_opens_for_readers_alone(app: Flask, story: Story) -> None:
    [file] = comments(story, "legal")[1]["files"]
    path = f"{story.path}/documents/{file['id']}"
    for name in ("legal", "legal_manager", "supervisor"):
        assert story.by(name).get(f"{path}/content").data == SCAN[1] + b"%1", name
        assert story.cast.login(name).get(path).status_code == 200, name
    for name in ("cs", "admin"):
        assert story.by(name).get(f"{path}/content").status_code == 404, name
        assert story.cast.login(name).get(path).status_code == 404, name
        assert story.by(name).get(f"{story.path}/documents/@comment/content").status_code == 404, name
    assert "@comment" not in {item["type"] for item in story.by("legal").get(f"{story.path}/documents").json}


def test_a_mention_is_a_notice_that_leads_to_the_comment(app: Flask, story: Story) -> None:
    seq = [one["seq"] for one in comments(story, "legal")]
    for name, at in (("cs", 0), ("legal_manager", 1)):
        mentions = [n for n in story.by(name).get("/notices/").json["result"] if n["kind"] == "mention"]
        [(action, message)] = [(n["action"], n["message"]) for n in mentions]
        assert action == f"comment@{seq[at]}"
        assert "Legal Uji" in message
        opened = story.cast.login(name).post(f"/notices/{mentions[0]['id']}/open")
        assert opened.headers["Location"] == f"{story.path}#comment-{seq[at]}"
    with app.app_context():
        mails = [f"{mail.subject} {mail.text}" for mail in db.session.query(OutgoingMail)]
        assert not [mail for mail in mails if SECRET in mail]


def test_who_may_not_read_it_can_no_more_be_mentioned_than_who_is_not_there(app: Flask, story: Story) -> None:
    said = set()
    for name in ("cs", "tidak_ada", "admin"):
        refused = says(story, "legal", f"Rahasia @{name}", ["Legal Manager"])
        assert refused.status_code == 422
        [gap] = refused.json["missing"]
        said.add(gap["message"].replace(name, "…"))
    assert len(said) == 1, "one sentence, whatever the reason"
    assert says(story, "legal", "Bagus, @legal_manager... dan @Supervisor.", ["Legal Manager"]).status_code == 201
    assert says(story, "cs", "Surat ke cs@contoh.example").status_code == 201
    with app.app_context():
        cs = user_named("cs").id
        assert db.session.query(Notice).filter_by(user_id=cs, kind="mention").count() == 1
    many = says(story, "cs", " ".join(f"@legal{n}" for n in range(30)))
    assert many.status_code == 422
    assert len(many.json["missing"]) == 1


def test_a_comment_makes_nobody_late(story: Story) -> None:
    version = story.by("cs").get(story.path).json["version"]
    assert says(story, "legal", "Satu lagi").status_code == 201
    assert story.by("cs").get(story.path).json["version"] == version
    story.does("cs", "submit_documents", *FROM_CS, offered_compensation=1, version=version)
    says(story, "legal", f"Sesudahnya {SECRET}", ["Legal Manager"])
    late = story.tries("cs", "submit_documents", *FROM_CS, offered_compensation=1, version=version)
    assert late.status_code == 409
    assert [event["action"] for event in late.json["changes"]] == ["submit_documents"]
    assert not told(late)


def test_its_author_withdraws_it_and_the_entry_stays(app: Flask, story: Story) -> None:
    first, second = comments(story, "legal")
    for name, comment, status in (("cs", first, 403), ("supervisor", second, 403), ("cs", second, 404)):
        answer = story.by(name).post(f"{story.path}/comments/{comment['seq']}/withdraw")
        assert answer.status_code == status, (name, answer.text)
    assert story.by("legal").post(f"{story.path}/comments/1/withdraw").status_code == 404
    done = story.by("legal").post(f"{story.path}/comments/{second['seq']}/withdraw")
    assert (done.status_code, done.json["text"], done.json["files"]) == (200, None, [])
    assert done.json["withdrawn_at"]
    again = story.by("legal").post(f"{story.path}/comments/{second['seq']}/withdraw")
    assert again.status_code == 409
    for name in ("legal", "legal_manager", "supervisor"):
        assert [one["text"] for one in comments(story, name)] == [first["text"], None]
        for path in (f"{story.path}/history", "/reports/events-somasi?format=csv", f"/search?q={SECRET}"):
            assert not told(story.by(name).get(path)), path
        assert not told(story.cast.login(name).get(story.path))
        [file] = second["files"]
        assert story.by(name).get(f"{story.path}/documents/{file['id']}/content").status_code == 404
        assert [e["action"] for e in story.history(name)][-1] == "withdraw_comment"
    assert len(story.history("cs")) == 2, "nor that it was withdrawn"
    with app.app_context():
        assert list(history.verify(db.session())) == []


@pytest.mark.parametrize(
    ("body", "status", "key"),
    [
        ({"text": "  "}, 422, "text"), ({}, 422, "text"), ({"text": "x", "to": []}, 422, "to"),
        ({"text": "x", "to": ["Bos"]}, 422, "to"), ({"text": "x", "to": ["CSO"]}, 422, "to"),
        ({"text": "x" * 20_001}, 422, "text"), ({"text": 1}, 400, None), ({"text": "x", "to": "CS"}, 400, None),
        ({"text": "x", "to": [1]}, 400, None), ({"text": "x", "note": "y"}, 400, None),
    ],
)  # fmt: skip
def test_what_can_not_be_a_comment_is_refused(story: Story, body: Any, status: int, key: str | None) -> None:
    refused = story.by("legal").post(f"{story.path}/comments", body)
    assert refused.status_code == status, refused.text
    assert [gap["key"] for gap in refused.json.get("missing", ())] == ([key] if key else [])
    assert len(comments(story, "legal")) == 2


def test_everything_is_said_at_once(story: Story) -> None:
    refused = says(story, "legal", "@tidak_ada dan @entah", ["Bos"])
    assert [gap["key"] for gap in refused.json["missing"]] == ["to", "text", "text"]


def test_a_wrong_file_is_refused_and_leaves_nothing(app: Flask, story: Story) -> None:
    for files in ({"files": ("x.pdf", b"\x00\x01nothing known")}, {"somasi": SCAN}):
        refused = story.by("legal").post(f"{story.path}/comments", {"text": "Ini"}, files=files)
        assert refused.status_code in (400, 415), refused.text
    assert len(comments(story, "legal")) == 2
    with app.app_context():
        assert db.session.query(Document).filter_by(type="@comment").count() == 1


def test_who_does_not_see_the_case_neither_reads_nor_writes(story: Story) -> None:
    for client, path in ((story.by("cso"), f"{story.path}/comments"), (story.by("cs"), "/somasi/99/comments")):
        assert {client.get(path).status_code, client.post(path, {"text": "x"}).status_code} <= {403, 404}


def test_nothing_of_it_is_printed(app: Flask, story: Story) -> None:
    from app.models.derive import case_model
    from app.services.core.access import Actor

    with app.app_context():
        case = db.session.get(case_model("somasi"), story.case["id"])
        legal = (Actor(None, "", frozenset({"Legal Manager"})),)
        assert SECRET not in str(printing.content_of(case, legal))


@pytest.fixture
def masked(cast: Cast, clock: Any) -> Story:
    """A hard complaint, of which QC gets personal data masked."""
    return Story(cast, "hard_complaint", "spv", program="ct0", source="plasa", received_by="email",
                requester_name="Plasa", requester_contact="plasa@contoh.example", customer_number="122345678901",
                customer_name="Zulkarnain", complaint_date="2026-11-20", criterion="disputes_arrears",
                complaint="Mengeluh")  # fmt: skip


def test_for_whom_data_is_masked_a_comment_is_too(masked: Story) -> None:
    masked.by("spv").post(f"{masked.path}/comments", {"text": f"Bu Sari {SECRET}"},
                          files={"files": (f"{FILE}.pdf", SCAN[1])})  # fmt: skip
    [seen] = comments(masked, "qc")
    assert (seen["text"], seen["actor"]) == ("***", "S*** U***")
    for path in ("/comments", "/history"):
        assert not told(masked.by("qc").get(f"{masked.path}{path}"))
    assert masked.by("qc").get(f"/search?q={SECRET}").json == []
    assert len(masked.by("spv").get(f"/search?q={SECRET}").json) == 1
