"""Whoever takes part in a procedure reads it: on its page, on paper, and as the document that declares it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from app.extensions import db
from app.models import DeadlinePolicy
from app.sop import ROLES, SOPS
from app.sop.documents import load_file
from app.workflow.declaration import Requirement, Sheet, Sop, required
from app.workflow.sheet import Change
from tests.cast import Cast
from tests.panel.helpers import in_english, somasi

SHEET = Sheet("CS-12", 2, date(2026, 12, 1), "Ani", "", "Citra", (Change(2, "Second reader", date(2026, 11, 20)),))
Row = dict[str, list[str]]


def reader(cast: Cast, name: str) -> FlaskClient:
    client = cast.login(name)
    in_english(client)
    return client


def text(node: Any) -> str:
    return " ".join(node.text_content().split())


def rows(page: str, key: str) -> list[Row]:
    """The lines of every cell in the table of this key, by the cell's heading."""
    (table,) = html.fromstring(page).xpath(f"//section[@aria-labelledby='{key}']//table")
    return [
        {cell.get("data-label"): [text(line) for line in cell.xpath(".//li")] for cell in row.xpath("./td")}
        for row in table.xpath("./tbody/tr")
    ]


def row(page: str, key: str, first: str, column: str = "Step") -> Row:
    return next(one for one in rows(page, key) if one[column][0].startswith(first))


def changed(monkeypatch: pytest.MonkeyPatch, key: str, **changes: Any) -> Sop:
    """The SOP of this key runs with ``changes``."""
    sop = replace(SOPS[key], **changes)
    monkeypatch.setitem(SOPS, key, sop)
    return sop


@pytest.mark.parametrize("role", ROLES)
def test_each_role_finds_the_procedures_in_which_it_takes_part(cast: Cast, role: str) -> None:
    client = cast.login(role.lower().replace(" ", "_"))
    listed = client.get("/procedures/").text
    for sop in SOPS.values():
        mine = role == "Supervisor" or role in sop.roles
        assert (f'href="/procedures/{sop.key}"' in listed) == mine, sop.key
        for path in (f"/procedures/{sop.key}", f"/procedures/{sop.key}.pdf"):
            assert client.get(path).status_code == (200 if mine else 404), path


def test_strangers_and_addresses_that_are_not_there(cast: Cast, client: FlaskClient) -> None:
    for path in ("/procedures/", "/procedures/somasi", "/procedures/somasi.pdf", "/procedures/somasi.toml"):
        assert client.get(path).status_code in (302, 401), path
    legal = cast.login("legal")
    for path in ("/procedures/nothing", "/procedures/nothing.pdf", "/procedures/intera.toml"):
        assert legal.get(path).status_code == 404, path


def test_a_step_tells_who_from_where_to_where_and_what_it_asks(cast: Cast) -> None:
    page = reader(cast, "legal").get("/procedures/somasi").text
    assert "<svg" in page
    steps = rows(page, "steps")
    assert len(steps) == len(SOPS["somasi"].transitions)
    submit = row(page, "steps", "Record an incoming somasi")
    assert submit["Roles"] == ["Legal", "Legal Litigasi 1", "Legal Litigasi 2", "Legal Manager"]
    assert (submit["From status"], submit["To status"]) == (["Start"], ["Awaiting CS documents"])
    assert "Letter number*(required)" in submit["Asks for"]
    assert "Customer e-mail e-mail address" in submit["Asks for"]
    assert submit["Documents"] == ["Demand letter (somasi)*(required)", "Attachments of the somasi"]
    revise = row(page, "steps", "Revise")
    assert "Four eyes: not by whoever did “Submit the draft” in this round." in revise["Conditions"]
    assert "The reason must be written." in revise["Conditions"]
    assert "added anew" in revise["Documents"][0]
    suspend = row(page, "steps", "Close temporarily")
    assert suspend["Conditions"][0] == "Possible when more than 3 months have passed since the reply."


def test_branches_limits_and_what_holds_in_some_cases(cast: Cast) -> None:
    client = reader(cast, "supervisor")
    complaint = client.get("/procedures/pengaduan").text
    callback = row(complaint, "steps", "Record the call-back")
    assert callback["To status"] == ["Being handled", "Call-back scheduled if “Result” ≠ “Reached”"]
    assert "What was said*(required) text of any length; if “Result” = “Reached”" in callback["Asks for"]
    extend = row(complaint, "steps", "Extend the deadline")
    (days,) = [asked for asked in extend["Asks for"] if asked.startswith("Working days")]
    assert "must be at most 10 under POJK 22/2023" in days
    assert "must be at most 20 under POJK 18/POJK.07/2018" in days
    either = row(complaint, "steps", "Answer at once")["Documents"]
    assert either == [
        "Customer's data or Customer's e-mail*(required) if “Channel” = “Walk-in” and “What is needed” is filled in"
    ]
    assert row(complaint, "steps", "Reply by e-mail")["To status"] == ["stays"]


def test_a_condition_that_has_words_says_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def second_round(case: Any) -> bool:
        return case is None or case.round > 1

    second_round.words = "it is the second round"  # type: ignore[attr-defined]
    sop = SOPS["somasi"]
    paper = Requirement(("somasi",), when=second_round, opened_from=date(2026, 12, 1))
    steps = tuple(replace(one, documents=(paper,)) if one.creates else one for one in sop.transitions)
    changed(monkeypatch, "somasi", transitions=steps)
    page = reader(cast, "legal").get("/procedures/somasi").text
    (said,) = row(page, "steps", "Record an incoming somasi")["Documents"]
    assert said.startswith("Demand letter (somasi)*(required) if it is the second round; cases opened from")
    assert "2026" in said


def test_the_numbers_of_the_owners_document(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = reader(cast, "legal")
    numbered = rows(client.get("/procedures/somasi").text, "steps")
    assert [one["No."] for one in numbered] == [[step.source_step] for step in SOPS["somasi"].transitions]
    steps = tuple(replace(one, source_step="") for one in SOPS["somasi"].transitions)
    changed(monkeypatch, "somasi", transitions=steps)
    assert "No." not in rows(client.get("/procedures/somasi").text, "steps")[0], "no step has one"


def test_deadlines_with_limits_pauses_citation_and_policies(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    (pojk,) = SOPS["pengaduan"].deadlines
    changed(monkeypatch, "pengaduan", deadlines=(replace(pojk, citation="POJK 22/2023"),))
    client = reader(cast, "supervisor")
    with cast.app.app_context():
        policy = DeadlinePolicy(sop="pengaduan", deadline="pojk", channel="email", amount=10, measure="working_days")
        db.session.add(policy)
        db.session.commit()
    assert rows(client.get("/procedures/pengaduan").text, "deadlines") == [
        {
            "Deadline": ["Deadline (POJK)"],
            "Limit": [
                "Telephone (inbound), Walk-in: 5 working days "
                "(POJK 22/2023 applies to cases received from 22 Dec 2023)",
                "Telephone (inbound), Walk-in: 5 working days "
                "(POJK 18/POJK.07/2018 applies to cases received until 21 Dec 2023)",
                "E-mail: 10 working days (POJK 22/2023 applies to cases received from 22 Dec 2023)",
                "E-mail: 20 working days (POJK 18/POJK.07/2018 applies to cases received until 21 Dec 2023)",
            ],
            "Counted": ["from the opening of the case"],
            "In the statuses": ["every open one"],
            "Pauses in": ["Awaiting the customer's data"],
            "Policy that overrides it": ["10 working days (E-mail)"],
            "Based on": ["POJK 22/2023"],
        }
    ]
    letter = row(client.get("/procedures/somasi").text, "deadlines", "Deadline of the letter", "Deadline")
    assert letter["Counted"] == ["until “Deadline given in the letter”"]
    objection = row(client.get("/procedures/somasi").text, "deadlines", "Objection", "Deadline")
    assert objection["Counted"] == ["from the decision of the BPSK"]


def test_documents_records_and_who_does_what(cast: Cast) -> None:
    client = reader(cast, "supervisor")
    page = client.get("/procedures/somasi").text
    draft = row(page, "documents", "Draft reply to the somasi", "Document")
    openers = ["Legal", "Legal Litigasi 1", "Legal Litigasi 2", "Legal Manager", "Supervisor"]
    assert draft["Confidential until released: open to"] == openers
    assert row(page, "documents", "Court lawsuit", "Document")["Accepted"] == ["pdf"]
    hearing = row(page, "records", "Hearings", "Records")
    assert "Next hearing date" in hearing["Columns"]
    done = row(page, "matrix", "Submit the documents")
    assert {role for role in SOPS["somasi"].roles if done[role]} == {"CS"}
    recording = row(client.get("/procedures/hard_complaint").text, "documents", "Voice recording", "Document")
    assert recording["Kept for"] == ["2 years after closing"]


def test_the_control_sheet_says_what_it_has(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = reader(cast, "legal")
    changed(monkeypatch, "somasi", sheet=Sheet())
    assert 'id="sheet"' not in client.get("/procedures/somasi").text
    changed(monkeypatch, "somasi", sheet=SHEET)
    page = client.get("/procedures/somasi").text
    (facts,) = html.fromstring(page).xpath("//section[@aria-labelledby='sheet']/dl")
    assert [text(one) for one in facts.xpath("./dt")] == [
        "Document code", "Revision", "Effective from", "Prepared by", "Approved by",
    ]  # fmt: skip
    assert rows(page, "changes")[0]["What changed"] == ["Second reader"]
    listed = client.get("/procedures/").text
    assert "CS-12" in listed


def test_the_document_is_there_as_it_was_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.login("legal")
    written = 'key = "somasi"  # tenggat é\n'
    changed(monkeypatch, "somasi", source=written)
    assert "/procedures/somasi.toml" in client.get("/procedures/somasi").text
    answer = client.get("/procedures/somasi.toml")
    assert answer.data.decode() == written
    assert "somasi.toml" in answer.headers["Content-Disposition"]
    assert cast.login("pic").get("/procedures/somasi.toml").status_code == 404
    changed(monkeypatch, "somasi", source="")
    assert "/procedures/somasi.toml" not in client.get("/procedures/somasi").text
    assert client.get("/procedures/somasi.toml").status_code == 404


@pytest.mark.parametrize("key", SOPS)
def test_what_is_downloaded_is_the_whole_procedure(cast: Cast, tmp_path: Path, key: str) -> None:
    path = tmp_path / "sop.toml"
    path.write_bytes(cast.login("supervisor").get(f"/procedures/{key}.toml").data)
    assert load_file(path, SOPS.values()) == SOPS[key]


def test_a_document_that_includes_another_has_its_steps_in_its_own_order(cast: Cast) -> None:
    found = rows(reader(cast, "unit").get("/procedures/keluhan").text, "steps")
    assert [one["Step"][0].split()[0] for one in found] == ["Report", "Start", "Resolve", "Mutate", "Cancel", "Add"]


def test_a_step_tells_what_happens_with_it(cast: Cast) -> None:
    client = reader(cast, "supervisor")
    complaint, somasi = (client.get(f"/procedures/{key}").text for key in ("pengaduan", "somasi"))
    assert row(complaint, "steps", "Extend the deadline")["What happens"] == [
        "Extends “Deadline (POJK)” by “Working days”.",
        "Fills in “Deadline extended at”, “Deadline extended by”, “Notice of the extension”.",
        "Attaches the printed form as “Letter on the extension”.",
        "E-mail to “E-mail”: “[the case number] Your complaint takes longer”, with “Letter on the extension”.",
    ]
    assert row(somasi, "steps", "Reopen")["What happens"] == [
        "A new round begins, which answers anew: “Letter number”, “Letter date”, “Received on”, “Deadline given in the "
        "letter”, “Claimed amount (IDR)”, “Offered compensation (IDR)”, “Reply sent on”."
    ]


def test_an_indicator_says_what_is_measured(cast: Cast) -> None:
    found = rows(reader(cast, "supervisor").get("/procedures/hard_complaint").text, "indicators")
    assert len(found) == len(SOPS["hard_complaint"].indicators)
    assert all(one["What is measured"] for one in found)


def test_the_case_leads_to_its_procedure(cast: Cast, pdf: bytes) -> None:
    client = cast.login("legal")
    assert 'href="/procedures/somasi"' in client.get(somasi(client, pdf)).text


def test_what_is_written_in_a_declaration_is_never_markup(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sop = SOPS["somasi"]
    field = required(sop.create.fields[0], label="<b>Nomor</b>")
    steps = tuple(replace(one, fields=(field,)) if one.creates else one for one in sop.transitions)
    changed(monkeypatch, "somasi", transitions=steps)
    assert "&lt;b&gt;Nomor&lt;/b&gt;" in cast.login("legal").get("/procedures/somasi").text


def test_a_reader_sees_the_steps_of_one_role(cast: Cast) -> None:
    page = reader(cast, "legal")
    everybody = rows(page.get("/procedures/somasi").text, "steps")
    own = rows(page.get("/procedures/somasi?role=CS").text, "steps")
    assert [row["Step"] for row in own] == [row["Step"] for row in everybody if "CS" in row["Roles"]]
    assert rows(page.get("/procedures/somasi?role=nobody").text, "steps") == everybody
