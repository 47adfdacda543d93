"""Complaints on the Intera product through HTTP: every step of the table, its refusals, the three consents."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask

from tests.api.story import Story
from tests.cast import Cast

COMPLAINT: dict[str, Any] = {
    "channel": "whatsapp", "greeting_given": True, "client_name": "Hasan Basri", "phone": "0857 7000 1122",
    "location": "Jl. Cemara 12, Bandung", "chronology": "Koin masuk tetapi Wi-Fi tidak aktif",
}  # fmt: skip
FAULT = {"handled_by": "visit", "technical_result": "Modul diganti", "product_fault": "yes"}
#: From the complaint to each state: who does what, with which documents and answers.
WAY: list[tuple[str, str, str, tuple[str, ...], dict[str, Any]]] = [
    ("verification", "admin_layanan", "start_verification", (), {}),
    ("operations", "admin_layanan", "forward_operations", ("identitas", "bukti_transaksi"),
     {"identity_verified": True}),
    ("guided", "tim_operasional", "guide_remotely", (), {"guidance_plan": "Nyalakan ulang"}),
    ("technical", "officer_support", "report_to_it", (), {"it_report": "Masih mati"}),
    ("pic_review", "tim_teknis_it", "report_back", (), FAULT),
    ("compensation_review", "pic", "report_loss", (), {"reported_loss": "Rp750.000"}),
    ("compensation_offer", "coo", "agree_compensation", (), {"compensation_amount": 500_000}),
    ("closing", "pic", "client_agrees", (), {"consent_recorded": "Setuju lewat telepon"}),
    ("closed", "admin_layanan", "close", (), {"closing_script": True}),
]  # fmt: skip
STATES = ["received", *(state for state, *_step in WAY[:-1])]


@pytest.fixture
def cast(app: Flask, clock: Any) -> Cast:
    return Cast(app)


def complaint(cast: Cast, state: str = "received", **answers: Any) -> Story:
    """A complaint in a state, with other answers to the steps on the way there."""
    story = Story(cast, "intera", "admin_layanan", **COMPLAINT)
    for target, name, key, papers, given in WAY:
        if story.case["state"] == state:
            break
        story.does(name, key, *papers, **given | {k: v for k, v in answers.items() if k in given})
        assert story.case["state"] == target
    assert story.case["state"] == state
    return story


def test_from_the_complaint_to_the_end(cast: Cast) -> None:
    story = complaint(cast, "closed")
    assert story.case["kind"] == "final"
    assert [line["action"] for line in story.history("coo")] == ["register", *(key for _s, _n, key, *_r in WAY)]
    assert story.case["verified_by"] == "Admin_Layanan Uji"
    assert story.case["verified_at"]


def test_a_complaint_begins_with_a_greeting(cast: Cast) -> None:
    desk = cast.api("admin_layanan")
    refused = desk.post("/intera/", {"greeting_given": False})
    assert {error["key"] for error in refused.json["missing"]} == {
        "channel", "greeting_given", "client_name", "phone", "location", "chronology",
    }  # fmt: skip
    assert desk.post("/intera/", COMPLAINT | {"channel": "email"}).status_code == 400
    assert cast.api("pic").post("/intera/", COMPLAINT).status_code == 403


@pytest.mark.parametrize(("at", "step"), list(enumerate(key for _s, _n, key, *_r in WAY)))
def test_each_step_belongs_to_its_role_and_state(cast: Cast, at: int, step: str) -> None:
    _state, name, key, papers, answers = WAY[at]
    story = complaint(cast, STATES[at])
    others = {"report_to_it": "coo", "report_back": "pic"}.get(key, "tim_teknis_it")
    assert "role" in story.is_refused(403, others, key, **answers)
    story.does(name, key, *papers, **answers)
    story.is_refused(409, name, key, *papers, **answers)


@pytest.mark.parametrize(
    ("state", "name", "key", "lacking"),
    [
        ("verification", "admin_layanan", "forward_operations", {"identitas", "bukti_transaksi", "identity_verified"}),
        ("operations", "tim_operasional", "guide_remotely", {"guidance_plan"}),
        ("operations", "tim_operasional", "send_technician", {"technician_reason"}),
        ("operations", "pic", "out_of_scope", {"note"}),
        ("guided", "pic", "report_to_it", {"it_report"}),
        ("guided", "officer_support", "solved_remotely", {"remote_solution"}),
        ("technical", "tim_teknis_it", "report_back", {"handled_by", "technical_result", "product_fault"}),
        ("pic_review", "pic", "report_loss", {"reported_loss"}),
        ("pic_review", "pic", "no_compensation", {"note"}),
        ("pic_review", "pic", "out_of_scope", {"note"}),
        ("compensation_review", "coo", "agree_compensation", {"compensation_amount"}),
        ("compensation_review", "coo", "decline_compensation", {"note"}),
        ("compensation_offer", "pic", "client_agrees", {"consent_recorded"}),
        ("compensation_offer", "pic", "client_declines", {"note"}),
        ("closing", "admin_layanan", "close", {"closing_script"}),
    ],
)
def test_what_a_step_lacks_is_all_told(cast: Cast, state: str, name: str, key: str, lacking: set[str]) -> None:
    result = complaint(cast, state).is_refused(422, name, key)
    assert set().union(*result.values()) == lacking


@pytest.mark.parametrize("name", ["officer_support", "pic"])
@pytest.mark.parametrize(
    ("key", "answer", "state"),
    [("report_to_it", "it_report", "technical"), ("solved_remotely", "remote_solution", "closing")],
)
def test_guiding_ends_in_a_solution_or_with_it(cast: Cast, name: str, key: str, answer: str, state: str) -> None:
    assert complaint(cast, "guided").does(name, key, **{answer: "x"})["state"] == state


def test_a_technician_is_sent_at_once(cast: Cast) -> None:
    story = complaint(cast, "operations")
    assert story.does("tim_operasional", "send_technician", technician_reason="Perangkat mati")["state"] == "technical"


@pytest.mark.parametrize("fault", ["no", "unknown"])
def test_a_loss_is_reported_only_for_a_fault_of_the_product(cast: Cast, fault: str) -> None:
    story = complaint(cast, "pic_review", product_fault=fault)
    assert story.buttons("pic")["report_loss"] is False
    assert story.is_refused(422, "pic", "report_loss", reported_loss=1)["guard"] == {"product_fault"}
    assert story.does("pic", "no_compensation", note="Tidak ada kerugian")["state"] == "closing"


@pytest.mark.parametrize("state", ["operations", "pic_review"])
def test_outside_our_responsibility(cast: Cast, state: str) -> None:
    story = complaint(cast, state)
    assert story.does("pic", "out_of_scope", note="Listrik padam")["state"] == "rejected"
    story.is_refused(409, "pic", "out_of_scope", note="x")


@pytest.mark.parametrize("state", [s for s in STATES if s not in ("operations", "pic_review")])
def test_which_only_these_two_states_may_end_in(cast: Cast, state: str) -> None:
    complaint(cast, state).is_refused(409, "pic", "out_of_scope", note="x")


@pytest.mark.parametrize("state", STATES)
def test_a_client_is_rejected_in_any_open_state(cast: Cast, state: str) -> None:
    story = complaint(cast, state)
    assert "role" in story.is_refused(403, "pic", "reject_client", note="x")
    assert story.is_refused(422, "head_of_product", "reject_client")["note"] == {"note"}
    done = story.does("head_of_product", "reject_client", note="Melanggar ketentuan")
    assert (done["state"], done["kind"]) == ("rejected", "final")


# -- compensation -------------------------------------------------------------------------------------------------


def consents(case: dict[str, Any]) -> tuple[bool, bool, bool]:
    return tuple(case[f"{who}_agreed_at"] is not None for who in ("coo", "pic", "client"))  # type: ignore[return-value]


def test_three_consents_each_with_its_time(cast: Cast, clock: Any) -> None:
    story = complaint(cast, "compensation_review")
    assert consents(story.case) == (False, False, False)
    case = story.does("coo", "agree_compensation", compensation_amount="Rp500.000")
    assert (consents(case), case["compensation_amount"]) == ((True, False, False), 500_000)
    clock.shift(600)
    case = story.does("pic", "client_agrees", consent_recorded="Lewat telepon", client_agreed_at="2026-11-23 14:05")
    assert consents(case) == (True, True, True)
    assert case["client_agreed_at"] == "2026-11-23T07:05:00+00:00"
    assert case["coo_agreed_at"] < case["pic_agreed_at"]


def test_without_a_time_of_his_own_the_client_agreed_now(cast: Cast) -> None:
    case = complaint(cast, "closing").case
    assert case["client_agreed_at"] == case["pic_agreed_at"]


@pytest.mark.parametrize("at", ["2026-11-23 13:59", "2026-11-24 08:00"])
def test_the_client_agrees_neither_before_the_coo_nor_tomorrow(cast: Cast, at: str) -> None:
    story = complaint(cast, "compensation_offer")
    lacking = story.is_refused(422, "pic", "client_agrees", consent_recorded="Lewat telepon", client_agreed_at=at)
    assert lacking == {"field": {"client_agreed_at"}}


def test_more_than_the_loss_needs_a_reason(cast: Cast) -> None:
    story = complaint(cast, "pic_review")
    assert story.is_refused(400, "pic", "report_loss", reported_loss=0) == {"invalid": {"reported_loss"}}
    story.does("pic", "report_loss", reported_loss=750_000)
    assert story.is_refused(422, "coo", "agree_compensation", compensation_amount=800_000) == {
        "field": {"compensation_amount"}
    }
    case = story.does("coo", "agree_compensation", compensation_amount=800_000, note="Termasuk ongkos teknisi")
    assert case["compensation_amount"] == 800_000


def test_a_clients_no_makes_the_other_consents_lapse(cast: Cast) -> None:
    story = complaint(cast, "compensation_offer")
    case = story.does("pic", "client_declines", note="Minta Rp700.000")
    assert (case["state"], consents(case)) == ("compensation_review", (False, False, False))
    assert story.is_refused(409, "pic", "client_agrees", consent_recorded="x") is not None
    case = story.does("coo", "agree_compensation", compensation_amount=700_000)
    assert (case["compensation_amount"], consents(case)) == (700_000, (True, False, False))


def test_the_coo_may_decline(cast: Cast) -> None:
    story = complaint(cast, "compensation_review")
    case = story.does("coo", "decline_compensation", note="Tidak sebanding")
    assert (case["state"], consents(case)) == ("pic_review", (False, False, False))
    assert story.does("pic", "report_loss", reported_loss=900_000)["reported_loss"] == 900_000


def test_a_compensation_in_kind_needs_no_amount(cast: Cast) -> None:
    story = complaint(cast, "compensation_review")
    case = story.does("coo", "agree_compensation", compensation_in_kind="Perangkat baru")
    assert (case["compensation_in_kind"], case["compensation_amount"]) == ("Perangkat baru", None)


@pytest.mark.parametrize("ahead", [False, True])
def test_a_consent_on_paper_needs_no_words(cast: Cast, pdf: bytes, ahead: bool) -> None:
    story = complaint(cast, "compensation_offer")
    if ahead:
        sent = story.by("pic").client.post(
            f"/api/v1{story.path}/documents", headers=story.by("pic").headers,
            data={"type": "persetujuan_klien", "file": (io.BytesIO(pdf), "persetujuan.pdf")},
        )  # fmt: skip
        assert sent.status_code == 201, sent.text
        assert story.does("pic", "client_agrees")["state"] == "closing"
    else:
        assert story.does("pic", "client_agrees", "persetujuan_klien")["state"] == "closing"


# -- closing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("satisfaction", [1, 5, None])
def test_closing_apologises_and_may_ask_how_satisfied_he_is(cast: Cast, satisfaction: int | None) -> None:
    story = complaint(cast, "closing")
    assert story.is_refused(422, "admin_layanan", "close", closing_script=False)["field"] == {"closing_script"}
    for wrong in (0, 6):
        story.is_refused(400, "admin_layanan", "close", closing_script=True, satisfaction=wrong)
    case = story.does("admin_layanan", "close", closing_script=True, satisfaction=satisfaction)
    assert (case["state"], case["satisfaction"]) == ("closed", satisfaction)
