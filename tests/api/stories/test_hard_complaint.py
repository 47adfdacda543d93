"""A hard complaint from the request to the sent result, through HTTP, with every refusal and both ways back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document as Docx
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Document, OutgoingMail
from tests.cast import Api, Cast
from tests.client import PDF
from tests.recordings import silence

REQUEST = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa Margonda",
    "requester_contact": "plasa@contoh.example", "customer_number": "122345678901", "customer_name": "Bambang Irawan",
    "complaint_date": "2026-11-17", "criterion": "disputes_arrears", "complaint": "Merasa tidak menyetujui tunggakan",
}  # fmt: skip
CALL = {"call_at": "2026-11-16 10:15", "agent": "Agent 0417"}
ANALYSIS: dict[str, Any] = {
    "arrears": "Rp1.250.000", "customer_profile": "Pelanggan sejak 2019", "finding": "not_proven",
    "chronology": [
        {"position": "00:12", "speaker": "agent", "said": "Menyampaikan jumlah tunggakan"},
        {"position": "0:45", "speaker": "customer", "said": "Menyetujui"},
    ],
}  # fmt: skip
FORM = {"form_hard_komplain", "form_hard_komplain_docx"}


class Story:
    """One hard complaint and the people around it."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.people = cast, dict[str, Api]()
        made = self.by("spv").post("/hard_complaint/", REQUEST)
        assert made.status_code == 201, made.text
        self.case: dict[str, Any] = made.json
        self.path = f"/hard_complaint/{made.json['id']}"

    def by(self, name: str, *roles: str) -> Api:
        if name not in self.people:
            self.people[name] = self.cast.api(name, *roles)
        return self.people[name]

    def tries(self, name: str, key: str, *, files: Any = None, **answers: Any) -> TestResponse:
        return self.by(name).post(f"{self.path}/actions/{key}", answers, files=files)

    def does(self, name: str, key: str, **answers: Any) -> str:
        done = self.tries(name, key, **answers)
        assert done.status_code == 200, f"{key}: {done.status_code} {done.text}"
        self.case = done.json
        return str(self.case["state"])

    def attaches(self, content: bytes = b"", filename: str = "rekaman.mp3") -> TestResponse:
        files = {"voice_recording": (filename, content or silence(60))}
        return self.tries("qco", "attach_recording", files=files, **CALL)

    def analysed(self) -> Story:
        assert self.attaches().status_code == 200
        assert self.does("qco", "submit_chronology", **ANALYSIS) == "validation"
        return self

    def versions(self, kind: str) -> list[dict[str, Any]]:
        checklist = self.by("spv").get(f"{self.path}/documents").json
        return next(item["versions"] for item in checklist if item["type"] == kind)

    def newest(self, kind: str) -> bytes:
        return self.by("spv").get(f"{self.path}/documents/{kind}/content").data


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    return Story(cast)


def lacking(answer: TestResponse) -> set[str]:
    return {error["key"] for error in answer.json["missing"]}


def words(docx: bytes) -> str:
    return "\n".join(cell.text for table in Docx(io.BytesIO(docx)).tables for row in table.rows for cell in row.cells)


def test_from_the_request_to_the_sent_result(story: Story) -> None:
    assert (story.case["number"], story.case["state"]) == ("HC-2026-00001", "recording_search")
    attached = story.attaches()
    assert attached.status_code == 200
    assert (attached.json["state"], attached.json["recording_seconds"]) == ("analysis", 60)
    assert story.does("qco", "submit_chronology", **ANALYSIS) == "validation"
    assert [(row["position"], row["speaker"]) for row in story.case["chronology"]] == [(12, "agent"), (45, "customer")]
    assert story.does("spv", "validate", listened=True) == "manager_approval"
    assert [len(story.versions(kind)) for kind in sorted(FORM)] == [1, 1]
    assert story.does("manager_operasional", "approve") == "reply"
    assert [len(story.versions(kind)) for kind in sorted(FORM)] == [2, 2]
    assert story.does("spv", "send_result", sent_to="plasa@contoh.example", sent_by="email") == "closed"
    events = story.by("qc").get(f"{story.path}/history").json
    assert [event["action"] for event in events] == [
        "register", "attach_recording", "submit_chronology", "validate", "approve", "send_result",
    ]  # fmt: skip
    by_system = {event["action"]: {d["type"] for d in event["documents"]} for event in events}
    assert by_system["validate"] == by_system["approve"] == FORM


def test_the_call_is_not_later_than_the_complaint_about_it(story: Story) -> None:
    later = REQUEST | {"complaint_date": "2026-11-24"}
    assert lacking(story.by("spv").post("/hard_complaint/", later)) == {"complaint_date"}
    recording = {"voice_recording": ("rekaman.mp3", silence(60))}
    refused = story.tries("qco", "attach_recording?_l_=en", files=recording, **CALL | {"call_at": "2026-11-18 00:05"})
    assert refused.status_code == 422
    [error] = refused.json["missing"]
    assert (error["kind"], error["key"]) == ("field", "call_at")
    assert error["message"] == "“Date and time of the call” must not be after “Complaint date” (17 Nov 2026)."
    on_the_day = CALL | {"call_at": "2026-11-17 23:55"}
    assert story.tries("qco", "attach_recording", files=recording, **on_the_day).status_code == 200


def test_what_is_sent_by_e_mail_lies_in_the_outbox_with_the_newest_form(story: Story) -> None:
    story.analysed().does("spv", "validate", listened=True)
    story.does("manager_operasional", "approve")
    story.does("spv", "send_result", sent_to="plasa@contoh.example", sent_by="email")
    with story.cast.app.app_context():
        [mail] = db.session.scalars(select(OutgoingMail))
        assert (mail.recipient, mail.sent_at) == ("plasa@contoh.example", None)
        assert story.case["number"] in mail.subject
        [form] = [db.session.get(Document, pk) for pk in mail.documents]
        assert (form.type, form.version, form.content_type) == ("form_hard_komplain", 2, "application/pdf")


def test_what_was_sent_by_whatsapp_is_not_mailed(story: Story) -> None:
    story.analysed().does("spv", "validate", listened=True)
    story.does("manager_operasional", "approve")
    proof = {"bukti_kirim": ("bukti.pdf", PDF)}
    story.does("spv", "send_result", sent_to="0812 0000 147", sent_by="whatsapp", files=proof)
    with story.cast.app.app_context():
        assert db.session.scalars(select(OutgoingMail)).all() == []


@pytest.mark.parametrize(
    ("to", "by", "lacking"),
    [
        ("bukan email", "email", ("invalid", "sent_to")), ("plasa@", "email", ("invalid", "sent_to")),
        ("bukan nomor", "whatsapp", ("invalid", "sent_to")), ("0812 0000 147", "email", ("guard", "reachable")),
        ("plasa@contoh.example", "whatsapp", ("guard", "reachable")),
    ],
)  # fmt: skip
def test_what_reaches_nobody_ends_no_complaint(story: Story, to: str, by: str, lacking: tuple[str, str]) -> None:
    story.analysed().does("spv", "validate", listened=True)
    story.does("manager_operasional", "approve")
    refused = story.tries("spv", "send_result", sent_to=to, sent_by=by)
    assert refused.status_code in (400, 409, 422), refused.text
    assert [(error["kind"], error["key"]) for error in refused.json["missing"]] == [lacking]
    now = story.by("spv").get(story.path).json
    assert (now["state"], now["sent_to"]) == ("reply", None)
    with story.cast.app.app_context():
        assert db.session.scalars(select(OutgoingMail)).all() == []


def test_the_form_grows_with_the_case(story: Story) -> None:
    story.analysed().does("spv", "validate", listened=True)
    validated = words(story.newest("form_hard_komplain_docx"))
    assert "Spv Uji" in validated
    assert "belum" in validated
    assert "00:45" in validated
    story.does("manager_operasional", "approve")
    approved = words(story.newest("form_hard_komplain_docx"))
    assert "Manager_Operasional Uji" in approved
    assert "belum" not in approved
    assert story.newest("form_hard_komplain").startswith(b"%PDF-")


def test_a_renamed_pdf_is_no_recording(story: Story) -> None:
    refused = story.attaches(PDF)
    assert refused.status_code == 415
    assert "rekaman.mp3" in refused.json["message"]
    assert story.versions("voice_recording") == []
    assert story.by("qco").get(story.path).json["state"] == "recording_search"


def test_no_recording_at_all_is_told_with_everything_else(story: Story) -> None:
    refused = story.tries("qco", "attach_recording")
    assert refused.status_code == 422
    assert lacking(refused) == {"voice_recording", "call_at", "agent"}


def test_a_position_beyond_the_recording_is_refused_with_its_length(story: Story) -> None:
    assert story.attaches().status_code == 200
    late = {"position": "02:03", "speaker": "agent", "said": "x"}
    beyond = {**ANALYSIS, "chronology": [*ANALYSIS["chronology"], late]}
    refused = story.tries("qco", "submit_chronology", **beyond)
    assert refused.status_code == 422
    assert "01:00" in refused.json["message"]
    assert "02:03" in refused.json["message"]
    assert story.by("qco").get(story.path).json["chronology"] == []


@pytest.mark.parametrize("rows", [[{"position": "ab", "speaker": "agent", "said": "x"}], [{"position": 3}], "x"])
def test_a_chronology_that_cannot_be_read(story: Story, rows: Any) -> None:
    assert story.attaches().status_code == 200
    refused = story.tries("qco", "submit_chronology", **{**ANALYSIS, "chronology": rows})
    assert refused.status_code == 400
    assert lacking(refused) == {"chronology"}


def test_a_chronology_has_an_entry_at_least(story: Story) -> None:
    assert story.attaches().status_code == 200
    refused = story.tries("qco", "submit_chronology", **{**ANALYSIS, "chronology": []})
    assert refused.status_code == 422
    assert lacking(refused) == {"chronology"}


def test_a_new_chronology_replaces_the_one_before(story: Story) -> None:
    story.analysed()
    assert story.does("spv", "return_to_qco", note="Posisi kurang tepat") == "analysis"
    story.does("qco", "submit_chronology", **{**ANALYSIS, "chronology": ANALYSIS["chronology"][:1]})
    assert len(story.case["chronology"]) == 1


def test_nothing_found_goes_to_validation_and_back_to_the_search(story: Story) -> None:
    assert lacking(story.tries("qco", "report_not_found")) == {"note"}
    assert story.does("qco", "report_not_found", note="Carring MyIndihome, 18-20 November") == "validation"
    assert story.does("spv", "return_to_qco", note="Cari juga tanggal 17") == "recording_search"
    assert story.attaches().json["state"] == "analysis"
    story.does("qco", "submit_chronology", **ANALYSIS)
    assert story.does("spv", "return_to_qco", note="Profil belum lengkap") == "analysis"


def test_nothing_found_can_be_answered_as_well(story: Story) -> None:
    """Then there was nothing to listen to."""
    story.does("qco", "report_not_found", note="Carring MyIndihome, 18-20 November")
    story.does("spv", "validate")
    form = words(story.newest("form_hard_komplain_docx"))
    assert "☒ Tidak ditemukan" in form
    assert "Carring MyIndihome, 18-20 November" in form
    assert story.does("manager_operasional", "approve") == "reply"


def test_nobody_validates_unheard(story: Story) -> None:
    story.analysed()
    for answers in ({}, {"listened": False}):
        refused = story.tries("spv", "validate", **answers)
        assert (refused.status_code, lacking(refused)) == (422, {"listened"})


def test_the_manager_sends_back(story: Story) -> None:
    story.analysed().does("spv", "validate", listened=True)
    assert story.tries("manager_operasional", "return_to_spv").status_code == 422
    assert story.does("manager_operasional", "return_to_spv", note="Lampirkan surat") == "validation"


def test_four_eyes(story: Story) -> None:
    """Whoever has validated may not approve, though they have both roles."""
    both = ("spv", "manager_operasional")
    story.by("dua_peran", *both)
    story.analysed().does("dua_peran", "validate", listened=True)
    refused = story.tries("dua_peran", "approve")
    assert refused.status_code == 403
    assert {error["kind"] for error in refused.json["missing"]} == {"four_eyes"}
    assert story.does("manager_operasional", "approve") == "reply"


@pytest.mark.parametrize(
    ("name", "key"),
    [("spv", "attach_recording"), ("qc", "attach_recording"), ("manager_operasional", "report_not_found")],
)
def test_wrong_roles(story: Story, name: str, key: str) -> None:
    assert story.tries(name, key).status_code == 403


def test_strangers_see_nothing(story: Story) -> None:
    assert story.by("legal").get(story.path).status_code in (403, 404)
    assert story.by("qc").get(story.path).status_code == 200


def test_the_recording_comes_in_ranges(story: Story) -> None:
    story.attaches()
    [version] = story.versions("voice_recording")
    content = f"{story.path}/documents/{version['id']}/content"
    part = story.by("qco").get(content, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.data == silence(60)[1000:2000]
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{version['size']}"
