"""A somasi from the letter to its end, through HTTP: every way that the SOP knows and every refusal on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cast import Api, Cast
from tests.client import MP3, PDF

LETTER = {
    "letter_number": "12/SOM/XI/2026", "letter_date": "2026-11-16", "received_date": "18/11/2026",
    "sender": "Kantor Hukum Wijaya", "customer_name": "Budi Santoso", "customer_phone": "0812-3456-7890",
    "subject": "Paket hilang", "claimed_amount": "Rp1.250.000", "letter_deadline": "2026-11-30",
}  # fmt: skip
SCAN = ("surat.pdf", PDF)
#: What the people of the story date: a day that is not ahead, whichever of its days a test begins on.
DAY = "2026-11-18"
FIRST_ROUND = ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "mom")
AFTER_DRAFT = ["litigation_review", "manager_review", "awaiting_response_proof", "responded"]
#: From the letter to the reply: who does what, with which documents and answers.
WAY: list[tuple[str, str, str, tuple[str, ...], dict[str, Any]]] = [
    ("document_check", "cs", "submit_documents", FIRST_ROUND, {"offered_compensation": 500_000}),
    ("drafting", "legal_litigasi_1", "accept_documents", (), {}),
    ("litigation_review", "legal_litigasi_1", "submit_draft", ("draft_tanggapan", "analisis_kasus"), {}),
    ("manager_review", "legal_litigasi_2", "approve_litigation", (), {}),
    ("awaiting_response_proof", "legal_manager", "approve_manager", (), {}),
    ("responded", "cs", "send_response", ("scan_tanggapan", "bukti_kirim"), {"sent_date": DAY}),
]

#: The letter of a second round.
SECOND = {"letter_number": "31/SOM/XII/2026", "letter_date": DAY, "received_date": DAY}


class Story:
    """One somasi and the people around it."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.people: dict[str, Api] = {}
        self.handed_in: dict[str, list[bytes]] = {}
        made = self.by("legal").post("/somasi/", LETTER, files={"somasi": SCAN})
        assert made.status_code == 201, made.text
        self.case: dict[str, Any] = made.json
        self.path = f"/somasi/{made.json['id']}"

    def by(self, name: str, *roles: str) -> Api:
        if name not in self.people:
            self.people[name] = self.cast.api(name, *roles)
        return self.people[name]

    def tries(self, name: str, key: str, *papers: str, **answers: Any) -> TestResponse:
        files = {paper: self.file(paper) for paper in papers}
        return self.by(name).post(f"{self.path}/actions/{key}", answers, files=files or None)

    def file(self, paper: str) -> tuple[str, bytes]:
        """The first is the scan itself, each later one of the same kind another file."""
        before = self.handed_in.setdefault(paper, [])
        name, content = ("rekaman.mp3", MP3) if paper == "rekaman_telepon" else SCAN
        before.append(content + b"%%%d" % len(before) if before else content)
        return name, before[-1]

    def does(self, name: str, key: str, *papers: str, **answers: Any) -> dict[str, Any]:
        done = self.tries(name, key, *papers, **answers)
        assert done.status_code == 200, f"{key}: {done.status_code} {done.text}"
        self.case = done.json
        return self.case

    def goes_to(self, state: str) -> Story:
        states = ["awaiting_cs_documents", *(step[0] for step in WAY)]
        for after, who, key, papers, answers in WAY[states.index(self.case["state"]) : states.index(state)]:
            assert self.does(who, key, *papers, **answers)["state"] == after
        assert self.case["state"] == state
        return self

    def actions(self, name: str) -> dict[str, Any]:
        return {action["key"]: action for action in self.by(name).get(f"{self.path}/actions").json}

    def checklist(self, name: str) -> dict[str, Any]:
        return {item["type"]: item for item in self.by(name).get(f"{self.path}/documents").json}

    def required(self, name: str, key: str) -> set[str]:
        return {"|".join(d["any_of"]) for d in self.actions(name)[key]["documents"] if d["required"]}


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    return Story(cast)


def keys(answer: TestResponse, kind: str) -> set[str]:
    return {error["key"] for error in answer.json["missing"] if error["kind"] == kind}


def test_from_the_letter_to_the_payment(story: Story) -> None:
    assert story.case["number"] == "SOM-2026-00001"
    assert story.case["state"] == "awaiting_cs_documents"
    assert story.case["claimed_amount"] == 1_250_000
    assert story.case["received_date"] == "2026-11-18"
    assert story.case["due_at"] == "2026-11-30T16:59:59+00:00"
    story.goes_to("responded")
    paid = story.does("legal", "finish_compensated", "laporan_penyelesaian", agreed_amount="750.000")
    assert (paid["state"], paid["agreed_amount"]) == ("awaiting_payment_proof", 750_000)
    closed = story.does(
        "cs", "confirm_payment", "bukti_pembayaran", paid_date="2026-11-23", paid_amount=750_000, note="Lunas"
    )
    assert (closed["state"], closed["kind"], closed["due_at"]) == ("closed", "final", None)
    assert closed["closed_at"].endswith("+00:00")
    events = story.by("cs").get(f"{story.path}/history").json
    steps = ["submit", *(step[2] for step in WAY), "finish_compensated", "confirm_payment"]
    assert [e["action"] for e in events] == steps
    assert set(events[-1]) == {
        "at", "actor", "account", "action", "from", "to", "note", "changes", "documents", "hash"
    }  # fmt: skip
    assert (events[-1]["from"], events[-1]["to"], events[-1]["note"]) == ("awaiting_payment_proof", "closed", "Lunas")
    assert events[-1]["changes"] == {"paid_date": [None, "2026-11-23"], "paid_amount": [None, 750_000]}
    assert [d["type"] for d in events[-1]["documents"]] == ["bukti_pembayaran"]
    assert events[0]["from"] is None
    assert all(event["at"].endswith("+00:00") for event in events)


@pytest.mark.parametrize(
    ("status", "untrue", "message"),
    [
        (422, {"letter_date": "2026-11-19"}, "“Letter date” must not be after “Received on” (18 Nov 2026)."),
        (422, {"received_date": "2026-11-24"}, "“Received on” must not be in the future."),
        (422, {"letter_deadline": "2026-11-15"},
         "“Deadline given in the letter” must not be before “Letter date” (16 Nov 2026)."),
        (400, {"claimed_amount": 0}, "Claimed amount (IDR): At least Rp1 and at most Rp1,000,000,000,000,000."),
    ],
)  # fmt: skip
def test_no_letter_that_can_not_be(cast: Cast, clock: Any, status: int, untrue: Any, message: str) -> None:
    refused = cast.api("legal").post("/somasi/?_l_=en", LETTER | untrue, files={"somasi": SCAN})
    assert refused.status_code == status
    assert [(error["key"], error["message"]) for error in refused.json["missing"]] == [(*untrue, message)]


def test_paid_is_what_was_agreed_and_not_before_unless_there_is_a_reason(story: Story) -> None:
    story.goes_to("responded")
    story.does("legal", "finish_compensated", "laporan_penyelesaian", agreed_amount=750_000)
    said = {}
    for paid in ({"paid_date": "2026-11-24"}, {"paid_date": "2026-11-20"}, {"paid_amount": 700_000}):
        answers = {"paid_date": "2026-11-23", "paid_amount": 750_000} | paid
        refused = story.tries("cs", "confirm_payment?_l_=en", "bukti_pembayaran", **answers)
        assert refused.status_code == 422, (paid, refused.text)
        assert keys(refused, "field") == {*paid}
        said |= {value: error["message"] for value in paid.values() for error in refused.json["missing"]}
    reason = " If it is so nevertheless, write the reason in the note."
    assert said == {
        "2026-11-24": "“Paid on” must not be in the future.",
        "2026-11-20": f"“Paid on” must not be before the amount was agreed (23 Nov 2026).{reason}",
        700_000: f"“Paid amount (IDR)” must be the same as “Agreed amount (IDR)” (Rp750,000).{reason}",
    }
    early = {"paid_date": "2026-11-20", "paid_amount": 700_000, "note": "Dibayar saat mediasi, sisanya dihapus"}
    assert story.does("cs", "confirm_payment", "bukti_pembayaran", **early)["paid_amount"] == 700_000


def test_finish_with_a_settlement_needs_the_agreement(story: Story) -> None:
    story.goes_to("responded")
    lacking = story.tries("legal", "finish_settled", "laporan_penyelesaian", agreed_amount=1)
    assert lacking.status_code == 422
    assert keys(lacking, "document") == {"kesepakatan_damai"}
    story.does("legal", "finish_settled", "laporan_penyelesaian", "kesepakatan_damai", agreed_amount=1)
    assert story.case["state"] == "awaiting_payment_proof"


def test_all_that_is_lacking_is_listed_at_once(story: Story) -> None:
    lacking = story.tries("cs", "submit_documents", "bukti_pod")
    assert lacking.status_code == 422
    assert keys(lacking, "document") == {
        "form_sengketa", "kronologis_operasional", "kronologis_cs", "tanda_terima", "surat_menyurat|rekaman_telepon|mom"
    }  # fmt: skip
    assert keys(lacking, "field") == {"offered_compensation"}
    assert all(error["message"] for error in lacking.json["missing"])
    assert story.checklist("cs")["bukti_pod"]["versions"] == []
    assert story.by("cs").get(story.path).json["version"] == story.case["version"]
    story.does("cs", "submit_documents", *FIRST_ROUND[:-1], "rekaman_telepon", offered_compensation="500.000")


def test_a_wrong_role_is_refused_and_changes_nothing(story: Story) -> None:
    refused = story.tries("legal", "submit_documents", *FIRST_ROUND, offered_compensation=1)
    assert refused.status_code == 403
    assert keys(refused, "role") == {"CS"}
    assert "submit_documents" not in story.actions("legal")
    assert story.by("cs").get(f"{story.path}/history").json[-1]["action"] == "submit"


def test_a_wrong_state_is_refused_and_says_who_was_first(story: Story) -> None:
    story.goes_to("document_check")
    refused = story.tries("cs", "submit_documents", *FIRST_ROUND, offered_compensation=1)
    assert refused.status_code == 409
    assert "Cs Uji" in refused.json["message"]
    assert story.tries("cs", "no_such_step").status_code == 404
    assert story.tries("legal", "submit").status_code == 404


def test_a_stale_version_is_refused_and_says_who_was_first(story: Story) -> None:
    seen = story.case["version"]
    story.goes_to("document_check")
    stale = story.tries("legal_litigasi_1", "accept_documents", version=seen)
    assert stale.status_code == 409
    assert "Cs Uji" in stale.json["message"]
    assert story.does("legal_litigasi_1", "accept_documents", version=story.case["version"])["state"] == "drafting"


def test_a_revision_asks_only_the_named_documents_again(story: Story) -> None:
    story.goes_to("document_check")
    nameless = story.tries("legal_litigasi_1", "request_revision", requested=["bukti_pod"])
    assert nameless.status_code == 422
    assert keys(nameless, "note") == {"note"}
    story.does("legal_litigasi_1", "request_revision", requested=["bukti_pod"], note="Foto POD tidak terbaca")
    assert story.case["requested_documents"] == ["bukti_pod"]
    papers = story.checklist("cs")
    assert [key for key, item in papers.items() if item["requested"]] == ["bukti_pod"]
    assert [key for key, item in papers.items() if item["required_now"]] == ["bukti_pod"]
    assert keys(story.tries("cs", "submit_documents", offered_compensation=1), "document") == {"bukti_pod"}
    story.does("cs", "submit_documents", "bukti_pod", offered_compensation=600_000)
    assert story.case["requested_documents"] == []
    versions = story.checklist("cs")["bukti_pod"]["versions"]
    assert [(v["version"], v["round"], v["openable"]) for v in versions] == [(2, 1, True), (1, 1, True)]


def test_documents_may_come_ahead_of_the_step(story: Story) -> None:
    for paper in FIRST_ROUND:
        added = story.by("cs").post(f"{story.path}/documents", {"type": paper}, files={"file": SCAN})
        assert added.status_code == 201, added.text
        assert (added.json["type"], added.json["version"]) == (paper, 1)
    assert not any(item["required_now"] for item in story.checklist("cs").values())
    assert story.does("cs", "submit_documents", offered_compensation=0)["offered_compensation"] == 0
    not_now = story.by("cs").post(f"{story.path}/documents", {"type": "bukti_pod"}, files={"file": SCAN})
    assert not_now.status_code == 409
    not_mine = story.by("cs").post(f"{story.path}/documents", {"type": "analisis_kasus"}, files={"file": SCAN})
    assert not_mine.status_code == 403
    no_such = story.by("cs").post(f"{story.path}/documents", {"type": "resep"}, files={"file": SCAN})
    assert no_such.status_code == 404


def test_four_eyes_hold_even_for_both_roles(story: Story) -> None:
    story.goes_to("drafting")
    story.by("ani", "legal_litigasi_1", "legal_litigasi_2", "legal_manager")
    story.does("ani", "submit_draft", "draft_tanggapan", "analisis_kasus")
    action = story.actions("ani")["approve_litigation"]
    assert not action["allowed"]
    assert [error["kind"] for error in action["missing"]] == ["four_eyes"]
    for key in ("approve_litigation", "revise_litigation"):
        refused = story.tries("ani", key, "draft_tanggapan", note="x") if "revise" in key else story.tries("ani", key)
        assert refused.status_code == 403
        assert keys(refused, "four_eyes") == {"submit_draft"}
    story.by("dewi", "legal_litigasi_2", "legal_manager")
    story.does("dewi", "approve_litigation")
    assert story.tries("dewi", "approve_manager").status_code == 403
    assert story.tries("ani", "approve_manager").status_code == 403
    story.does("legal_manager", "approve_manager")


def test_a_revised_draft_is_a_new_version(story: Story) -> None:
    story.goes_to("litigation_review")
    old = story.tries("legal_litigasi_2", "revise_litigation", note="Nada terlalu keras")
    assert old.status_code == 422
    assert keys(old, "document") == {"draft_tanggapan"}
    story.does("legal_litigasi_2", "revise_litigation", "draft_tanggapan", note="Nada terlalu keras")
    story.does("legal_manager", "revise_manager", "draft_tanggapan", note="Nilai diperbaiki")
    versions = story.checklist("legal")["draft_tanggapan"]["versions"]
    assert [v["version"] for v in versions] == [3, 2, 1]
    assert story.case["state"] == "awaiting_response_proof"


def test_cs_opens_only_the_final_draft(story: Story) -> None:
    story.goes_to("manager_review")
    papers = story.checklist("cs")
    assert papers["draft_tanggapan"]["confidential"]
    for kind in ("draft_tanggapan", "analisis_kasus"):
        [version] = papers[kind]["versions"]
        assert not version["openable"]
        assert story.by("cs").get(f"{story.path}/documents/{version['id']}/content").status_code == 403
        assert story.by("legal").get(f"{story.path}/documents/{version['id']}/content").data == PDF
    story.does("legal_manager", "revise_manager", "draft_tanggapan", note="Perbaikan akhir")
    last, first = story.checklist("cs")["draft_tanggapan"]["versions"]
    assert (last["openable"], first["openable"]) == (True, False)
    final = story.handed_in["draft_tanggapan"][-1]
    assert story.by("cs").get(f"{story.path}/documents/{last['id']}/content").data == final != PDF
    assert story.by("cs").get(f"{story.path}/documents/draft_tanggapan/content").status_code == 200
    assert story.by("cs").get(f"{story.path}/documents/{first['id']}/content").status_code == 403
    assert story.by("cs").get(f"{story.path}/documents/analisis_kasus/content").status_code == 403


def test_suspended_after_three_months_and_reopened(story: Story, clock: Any) -> None:
    story.goes_to("responded")
    action = story.actions("legal")["suspend"]
    assert not action["allowed"]
    early = story.tries("legal", "suspend", note="Tidak ada kabar")
    assert early.status_code == 422
    assert keys(early, "guard") == {"three_months"}
    assert "19 Feb 2027" in early.json["message"]
    clock.shift(timedelta(days=87))
    story.people.clear()
    assert story.tries("legal", "suspend", note="Tidak ada kabar").status_code == 422
    clock.shift(timedelta(days=1))
    story.people.clear()
    assert story.does("legal", "suspend", note="Tidak ada kabar")["state"] == "closed_temporarily"
    unnamed = story.tries("legal", "reopen", "somasi_lanjutan")
    assert (unnamed.status_code, keys(unnamed, "field")) == (422, {"letter_number", "letter_date", "received_date"})
    again = story.does("legal", "reopen", "somasi_lanjutan", **SECOND)
    assert (again["state"], again["round"]) == ("awaiting_cs_documents", 2)
    assert story.required("cs", "submit_documents") == {"dokumen_pendukung"}
    assert [k for k, item in story.checklist("cs").items() if item["required_now"]] == ["dokumen_pendukung"]
    lacking = story.tries("cs", "submit_documents", offered_compensation=1)
    assert keys(lacking, "document") == {"dokumen_pendukung"}
    story.does("cs", "submit_documents", "dokumen_pendukung", offered_compensation=1)
    assert story.checklist("cs")["dokumen_pendukung"]["versions"][0]["round"] == 2
    story.does("legal_litigasi_1", "accept_documents")
    fresh = story.tries("legal_litigasi_1", "submit_draft")
    assert keys(fresh, "document") == {"draft_tanggapan", "analisis_kasus"}


def test_a_second_somasi_has_a_letter_of_its_own(story: Story, clock: Any) -> None:
    story.goes_to("responded")
    second = SECOND | {"letter_deadline": "2026-12-14"}
    wrong = story.tries("legal", "continue_somasi", "somasi_lanjutan", "laporan_perkembangan", letter_date="kemarin")
    assert (wrong.status_code, keys(wrong, "invalid")) == (400, {"letter_date"})
    asked = {field["key"]: field for field in story.actions("legal")["continue_somasi"]["fields"]}
    offered = {key: field["value"] for key, field in asked.items() if "value" in field}
    assert offered == {"received_date": "2026-11-23"}, "nothing of the first letter"
    clock.shift(timedelta(days=1))
    story.people.clear()
    again = story.does("legal", "continue_somasi", "somasi_lanjutan", "laporan_perkembangan", **second)
    assert {key: again[key] for key in second} == second
    assert (again["claimed_amount"], again["offered_compensation"]) == (None, None)
    assert again["due_at"] == "2026-12-14T16:59:59+00:00", "the deadline of the second letter"
    first, now = again["rounds"]
    assert (first["number"], first["letter_number"], first["letter_deadline"]) == (1, "12/SOM/XI/2026", "2026-11-30")
    assert (first["claimed_amount"], first["offered_compensation"]) == (1_250_000, 500_000)
    assert (now["number"], now["letter_number"], now["claimed_amount"]) == (2, second["letter_number"], None)
    assert {one["type"] for one in first["documents"]} >= {"somasi", "bukti_pod", "scan_tanggapan"}
    assert [one["type"] for one in now["documents"]] == ["somasi_lanjutan", "laporan_perkembangan"]
    assert first["opened_at"] < now["opened_at"]
    for letter in ("12/SOM/XI/2026", "31/SOM/XII/2026"):
        found = story.by("cs").get("/search", query_string={"q": letter}).json
        assert [one["number"] for one in found] == [again["number"]], letter
    changes = story.by("cs").get(f"{story.path}/history").json[-1]["changes"]
    assert changes["letter_number"] == ["12/SOM/XI/2026", "31/SOM/XII/2026"]
    assert changes["offered_compensation"] == [500_000, None]
    offered = {field["key"]: field for field in story.actions("cs")["submit_documents"]["fields"]}
    assert "value" not in offered["offered_compensation"], "what is offered is answered anew"


def test_a_reopened_case_is_not_born_late(story: Story, clock: Any) -> None:
    story.goes_to("responded")
    clock.shift(timedelta(days=93))
    story.people.clear()
    story.does("legal", "suspend", note="Tidak ada kabar")
    again = story.does("legal", "reopen", "tanggapan_customer")
    assert (again["due_at"], again["deadlines"], again["letter_number"]) == (None, [], None)
    assert [one["letter_number"] for one in again["rounds"]] == ["12/SOM/XI/2026", None]


def test_the_three_months_count_from_the_day_on_which_the_reply_was_sent(story: Story, clock: Any) -> None:
    story.goes_to("awaiting_response_proof")
    [field] = story.actions("cs")["send_response"]["fields"]
    assert (field["key"], field["value"], field["required"]) == ("sent_date", "2026-11-23", True)
    papers = ("scan_tanggapan", "bukti_kirim")
    ahead = story.tries("cs", "send_response", *papers, sent_date="2026-11-24")
    assert (ahead.status_code, keys(ahead, "field")) == (422, {"sent_date"})
    story.does("cs", "send_response", *papers, sent_date="2026-11-20")
    [lack] = story.actions("legal")["suspend"]["missing"]
    assert "21 Feb 2027" in lack["message"]
    clock.shift(timedelta(days=90))
    story.people.clear()
    assert story.does("legal", "suspend", note="Tidak ada kabar")["state"] == "closed_temporarily"


@pytest.mark.parametrize("state", AFTER_DRAFT)
def test_it_can_go_on_as_soon_as_a_draft_was_handed_in(story: Story, state: str) -> None:
    story.goes_to("drafting")
    assert not {key for key in story.actions("legal") if key.startswith("continue_")}
    story.goes_to(state)
    offered = {key for key in story.actions("legal") if key.startswith("continue_")}
    assert offered == {"continue_somasi", "continue_court", "continue_bpsk"}
    lacking = story.tries("legal", "continue_somasi", "somasi_lanjutan", **SECOND)
    assert keys(lacking, "document") == {"laporan_perkembangan"}
    story.does("legal", "continue_somasi", "tanggapan_customer", "laporan_perkembangan")
    assert (story.case["state"], story.case["round"]) == ("awaiting_cs_documents", 2)


@pytest.mark.parametrize("state", AFTER_DRAFT)
@pytest.mark.parametrize(
    ("key", "paper", "answers"),
    [
        ("continue_court", "gugatan_pengadilan", {"court": "PN Depok", "court_case_number": "7/Pdt.G/2026"}),
        ("continue_bpsk", "gugatan_bpsk", {"bpsk_office": "BPSK Depok", "bpsk_case_number": "3/BPSK/2026"}),
    ],
)
def test_a_lawsuit_can_come_at_any_of_these(story: Story, state: str, key: str, paper: str, answers: Any) -> None:
    story.goes_to(state)
    lacking = story.tries("legal", key)
    assert keys(lacking, "field") == {*answers, "registered_date"}
    assert keys(lacking, "document") == {paper}
    for day in ("2026-11-17", "2026-11-24"):
        untrue = story.tries("legal", key, paper, **answers, registered_date=day)
        assert (untrue.status_code, keys(untrue, "field")) == (422, {"registered_date"})
    story.does("legal", key, paper, **answers, registered_date="2026-11-23")
    assert story.case["state"] == key.removeprefix("continue_") + "_hearing"


def to_court(story: Story) -> None:
    story.goes_to("litigation_review")
    story.does("legal", "continue_court", "gugatan_pengadilan", court="PN Depok", court_case_number="7",
               registered_date=DAY)  # fmt: skip


def to_bpsk(story: Story) -> None:
    story.goes_to("litigation_review")
    story.does("legal", "continue_bpsk", "gugatan_bpsk", bpsk_office="BPSK Depok", bpsk_case_number="3",
               registered_date=DAY)  # fmt: skip


def stages(story: Story) -> list[str]:
    [field] = [f for f in story.actions("legal")["record_hearing"]["fields"] if f["key"] == "stage"]
    return [choice["key"] for choice in field["choices"]]


def test_hearings_at_court(story: Story) -> None:
    to_court(story)
    assert stages(story) == [
        "pendaftaran", "panggilan", "mediasi", "pembacaan_gugatan", "jawaban", "replik", "duplik", "pembuktian_surat",
        "pembuktian_saksi", "kesimpulan", "putusan", "banding", "kasasi", "eksekusi",
    ]  # fmt: skip
    unheard = story.tries("legal", "conclude", "laporan_penyelesaian", outcome="won")
    assert unheard.status_code == 422
    assert keys(unheard, "guard") == {"hearing_recorded"}
    wrong = story.tries("legal", "record_hearing", stage="arbitrase", hearing_date="2026-11-23", what_happened="x")
    assert wrong.status_code == 400
    assert keys(wrong, "invalid") == {"stage"}
    hearing = {"stage": "mediasi", "hearing_date": "2026-11-23", "what_happened": "Belum sepakat"}
    story.does("legal", "record_hearing", "laporan_sidang", **hearing, next_date="2026-12-07")
    assert story.case["state"] == "court_hearing"
    assert story.case["due_at"].startswith("2026-12-07")
    [row] = story.case["hearings"]
    assert {k: row[k] for k in (*hearing, "next_date")} == hearing | {"next_date": "2026-12-07"}
    assert story.by("cs").get(f"{story.path}/documents/laporan_sidang/content").status_code == 403
    for untrue in ({"hearing_date": "2026-11-24", "next_date": "2026-12-07"}, {"hearing_date": "2026-11-17"},
                   {"next_date": "2026-11-20"}):  # fmt: skip
        refused = story.tries("legal", "record_hearing", **hearing | untrue)
        assert (refused.status_code, keys(refused, "field")) == (422, {next(iter(untrue))})
    closed = story.does("legal", "conclude", "laporan_penyelesaian", outcome="won")
    assert (closed["state"], closed["outcome"]) == ("closed", "won")


def test_an_objection_to_bpsk_goes_to_court(story: Story) -> None:
    to_bpsk(story)
    assert stages(story) == [
        "pendaftaran", "pra_sidang", "konsiliasi", "mediasi", "arbitrase", "pembuktian", "putusan"
    ]  # fmt: skip
    objection = {"court": "PN Depok", "court_case_number": "9", "registered_date": "2026-11-23"}
    early = story.tries("legal", "object_bpsk", "gugatan_pengadilan", **objection)
    assert (early.status_code, keys(early, "guard")) == (422, {"bpsk_decided"})
    heard = {"hearing_date": "2026-11-23", "what_happened": "Kalah"}
    story.does("legal", "record_hearing", stage="mediasi", **heard)
    assert not story.actions("legal")["object_bpsk"]["allowed"], "heard, but not decided"
    story.does("legal", "record_hearing", "putusan", stage="putusan", **heard)
    undated = story.tries("legal", "object_bpsk", "gugatan_pengadilan", court="PN Depok", court_case_number="9")
    assert keys(undated, "field") == {"registered_date"}
    before = story.tries("legal", "object_bpsk", "gugatan_pengadilan", **objection | {"registered_date": "2026-11-20"})
    assert (before.status_code, keys(before, "field")) == (422, {"registered_date"}), "the BPSK's own day, say"
    story.does("legal", "object_bpsk", "gugatan_pengadilan", **objection)
    assert (story.case["state"], story.case["registered_date"]) == ("court_hearing", "2026-11-23")
    assert "object_bpsk" not in story.actions("legal")


def test_a_hearing_has_its_forum_and_its_own_papers(story: Story, clock: Any) -> None:
    to_bpsk(story)
    heard = {"hearing_date": "2026-11-23", "what_happened": "Kalah"}
    story.does("legal", "record_hearing", "laporan_sidang", stage="mediasi", **heard)
    story.does("legal", "record_hearing", "laporan_sidang", "putusan", stage="putusan", **heard)
    objection = {"court": "PN Depok", "court_case_number": "9", "registered_date": "2026-11-23"}
    story.does("legal", "object_bpsk", "gugatan_pengadilan", **objection)
    story.does("legal", "record_hearing", stage="putusan", **heard)
    rows = story.case["hearings"]
    assert [row["recorded_in"] for row in rows] == ["bpsk_hearing", "bpsk_hearing", "court_hearing"]
    papers = [[one["type"] for one in row["documents"]] for row in rows]
    assert papers == [["laporan_sidang"], ["laporan_sidang", "putusan"], []]
    [mine] = rows[0]["documents"]
    content = story.by("legal").get(f"{story.path}/documents/{mine['id']}/content").data
    assert content == story.handed_in["laporan_sidang"][0], "its own report, not the newest"
    [theirs] = story.by("cs").get(story.path).json["hearings"][0]["documents"]
    assert (theirs["id"], theirs["openable"]) == (mine["id"], False)


@pytest.mark.parametrize("forum", [to_court, to_bpsk])
def test_a_judgment_with_payment(story: Story, forum: Any) -> None:
    forum(story)
    wrong = story.tries("legal", "conclude_paid", "laporan_penyelesaian", outcome="won", agreed_amount=1)
    assert wrong.status_code == 400
    judged = {"outcome": "lost_paid", "agreed_amount": 2_000_000}
    more = story.tries("legal", "conclude_paid", "laporan_penyelesaian", **judged)
    assert keys(more, "field") == {"agreed_amount"}, "more than was claimed"
    story.does("legal", "conclude_paid", "laporan_penyelesaian", **judged, note="Dengan biaya perkara")
    assert story.case["state"] == "awaiting_payment_proof"


def test_any_legal_role_may_do_what_legal_may(cast: Cast, clock: Any) -> None:
    for name in ("legal_litigasi_1", "legal_litigasi_2", "legal_manager"):
        assert cast.api(name).post("/somasi/", LETTER, files={"somasi": SCAN}).status_code == 201
    assert cast.api("cs").post("/somasi/", LETTER, files={"somasi": SCAN}).status_code == 403
    numbers = {row["number"] for row in cast.api("cs").get("/somasi/").json["result"]}
    assert numbers == {"SOM-2026-00001", "SOM-2026-00002", "SOM-2026-00003"}
