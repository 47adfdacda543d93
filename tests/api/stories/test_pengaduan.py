"""Users' complaints through HTTP: every step of the table, every refusal, the deadlines of POJK 22/2023."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Customer, OutgoingMail
from app.services.core import phones
from tests.api.story import Story
from tests.cast import Cast

CALL: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-10021",
    "identity_verified": True, "category": "bill_amount", "complaint": "Tagihan berbeda dengan SMS",
}  # fmt: skip
#: The same from somebody who is not among the customers.
STRANGER = CALL | {"identity_verified": "not_in_data"}
MAIL: dict[str, Any] = {
    "channel": "email", "name": "Rahmat", "email": "rahmat@contoh.example", "category": "payment_detail",
    "complaint": "Pembayaran saya belum tercatat",
}  # fmt: skip
TICKS = {"number_told": True, "anything_else": True, "summary_given": True}
GREETED = TICKS | {"closing_greeting": True}
LATER = "2026-11-24 09:00"


@pytest.fixture
def cast(app: Flask, clock: Any) -> Cast:
    with app.app_context():
        db.session.add(
            Customer(
                code="ORD-10021", name="nur  aini", phone="+62 812-3344-5566", phone_normalised="+6281233445566",
                product="Pinjaman Kilat", bill=1_250_000, due_date=date(2026, 12, 1), application_status="Disetujui",
            )
        )  # fmt: skip
        db.session.commit()
    return Cast(app)


def complaint(cast: Cast, given: dict[str, Any] = CALL, **answers: Any) -> Story:
    return Story(cast, "pengaduan", "cs", **given | answers)


def mails(app: Flask) -> list[OutgoingMail]:
    with app.app_context():
        return list(db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def approved_template(cast: Cast, **answers: Any) -> str:
    given = {
        "template_title": "Cara bayar", "category": "payment_detail", "channel": "email",
        "text": "Yth. {nama}, tiket {nomor_tiket}: tagihan {jumlah_tagihan}, jatuh tempo {jatuh_tempo}.",
    }  # fmt: skip
    template = Story(cast, "reply_template", "cs", **given | answers)
    template.does("cs", "submit_template")
    template.does("qa", "approve_template")
    return str(template.case["number"])


# -- recording ----------------------------------------------------------------------------------------------------


def test_a_call_is_recorded_with_who_verified_the_identity_and_when(cast: Cast) -> None:
    case = complaint(cast).case
    assert case["number"] == "PGD-261123-00001"
    assert (case["state"], case["customer"], case["identity_found"]) == ("open", "ORD-10021", "full")
    assert (case["verified_by"], case["verified_at"][:16]) == ("Cs Uji", "2026-11-23T07:00")


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"phone": "0899 1111 222"}, "partly"), ({"name": "Orang lain"}, "partly"),
        # Nobody has that order id, but one has the phone.
        ({"order_id": "ORD-X"}, "partly"),
        ({"order_id": "  ord-10021 "}, "full"), ({"phone": "+62 (812) 3344-5566"}, "full"),
        ({"identity_verified": "not_in_data"}, "none"),
    ],
)  # fmt: skip
def test_what_does_not_agree_with_the_customer_list_is_kept(cast: Cast, answers: dict[str, Any], found: str) -> None:
    assert complaint(cast, **answers).case["identity_found"] == found


def customer(app: Flask, code: str, phone: str, **more: Any) -> None:
    with app.app_context():
        normal = phones.normalised(phone)
        db.session.add(Customer(code=code, name=code.title(), phone=phone, phone_normalised=normal, **more))
        db.session.commit()


NOBODY = {"phone": "0899 1111 222", "order_id": "ORD-X"}


@pytest.mark.parametrize("ticked", [True, "true", "matched"])
@pytest.mark.parametrize("given", [CALL, CALL | {"channel": "walk_in"}, MAIL])
def test_nobody_is_verified_who_is_not_in_the_data(cast: Cast, given: dict[str, Any], ticked: Any) -> None:
    cs = cast.api("cs")
    refused = cs.post("/pengaduan/", given | NOBODY | {"identity_verified": ticked}, headers={"Accept-Language": "en"})
    assert refused.status_code == 422
    [error] = refused.json["missing"]
    assert (error["kind"], error["key"]) == ("field", "identity_verified")
    assert error["message"].startswith("Name, phone and order ID verified: ")
    assert "“Not in our data”" in error["message"], "the way out"
    assert cs.get("/pengaduan/").json["count"] == 0
    assert complaint(cast).case["number"].endswith("-00001"), "no number was given away"


def test_that_somebody_is_not_in_the_data_is_an_outcome_of_its_own(cast: Cast) -> None:
    case = complaint(cast, **NOBODY, identity_verified="not_in_data").case
    assert (case["identity_verified"], case["identity_found"]) == ("not_in_data", "none")
    assert (case["customer"], case["verified_by"], case["verified_at"]) == (None, None, None)
    path = f"/pengaduan/{case['id']}"
    assert '<p class="alert state-red" role="note">Pelanggan ini tidak ada dalam data kami.' in (
        cast.login("cs").get(path).text
    )
    matched = complaint(cast).case
    assert "state-red" not in cast.login("cs").get(f"/pengaduan/{matched['id']}").text.split("<dl")[0]


def test_an_e_mail_is_not_asked_whose_it_is_and_nothing_else_may_go_unasked(cast: Cast) -> None:
    assert complaint(cast, MAIL).case["identity_verified"] == "not_asked"
    assert complaint(cast, MAIL, identity_verified=False).case["identity_verified"] == "not_asked"
    assert complaint(cast, MAIL, phone=CALL["phone"], identity_verified=True).case["identity_verified"] == "matched"
    refused = cast.api("cs").post("/pengaduan/", CALL | {"identity_verified": "not_asked"})
    assert refused.status_code == 422
    assert [(error["kind"], error["key"]) for error in refused.json["missing"]] == [("guard", "identity_asked")]


def test_a_phone_that_two_customers_have_means_neither(app: Flask, cast: Cast) -> None:
    customer(app, "ORD-7", "0899 1111 222")
    by_phone = CALL | {"phone": "+62 899-1111-222", "order_id": "ORD-X"}
    assert complaint(cast, by_phone).case["customer"] == "ORD-7"
    customer(app, "ORD-8", "62899 1111222")
    assert cast.api("cs").post("/pengaduan/", by_phone).status_code == 422
    assert complaint(cast, by_phone, order_id="ord-8").case["customer"] == "ORD-8", "the order id tells them apart"


def test_the_mail_address_of_a_customer_is_taken_over_where_none_was_given(app: Flask, cast: Cast) -> None:
    customer(app, "ORD-7", "0899 1111 222", email="ani@contoh.example")
    known = {"order_id": "ORD-7", "phone": "0899 1111 222"}
    story = complaint(cast, **known)
    assert story.case["email"] == "ani@contoh.example"
    assert story.history("cs")[0]["changes"]["email"] == [None, "ani@contoh.example"]
    assert complaint(cast, **known, email="lain@contoh.example").case["email"] == "lain@contoh.example"
    assert complaint(cast, **known, identity_verified="not_in_data").case["email"] is None
    assert complaint(cast, MAIL, **known, email=None).case["email"] is None, "nobody has verified that it is theirs"


def test_programs_that_knew_a_tick_find_what_they_ticked(cast: Cast) -> None:
    matched = complaint(cast).case["id"]
    complaint(cast, identity_verified="not_in_data")
    rison = "(filters:!((col:identity_verified,opr:eq,value:!t)))"
    assert cast.api("cs").get(f"/pengaduan/?q={rison}").json["ids"] == [matched]


@pytest.mark.parametrize("channel", ["inbound", "walk_in"])
def test_a_call_or_a_visit_asks_the_identity(cast: Cast, channel: str) -> None:
    refused = cast.api("cs").post("/pengaduan/", {"channel": channel, "name": "Ani"})
    assert refused.status_code == 422
    lacking = {error["key"] for error in refused.json["missing"]}
    assert lacking == {"phone", "order_id", "identity_verified", "category", "complaint"}
    unverified = cast.api("cs").post("/pengaduan/", CALL | {"channel": channel, "identity_verified": False})
    assert {error["key"] for error in unverified.json["missing"]} == {"identity_verified"}


def test_an_e_mail_does_not_ask_it_and_is_answered_with_the_number(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    case = complaint(cast, MAIL).case
    assert (case["verified_by"], case["customer"], case["order_id"]) == (None, None, None)
    [mail] = mails(app)
    assert (mail.recipient, mail.sent_at) == ("rahmat@contoh.example", None)
    assert mail.subject.startswith(f"[{case['number']}] ")
    assert case["number"] in mail.text


def test_other_roles_record_nothing(cast: Cast) -> None:
    for name in ("qa", "supervisor", "legal", "admin_layanan"):
        assert cast.api(name).post("/pengaduan/", CALL).status_code == 403, name


def test_outbound_is_no_channel_to_complain_by(cast: Cast) -> None:
    assert cast.api("cs").post("/pengaduan/", CALL | {"channel": "outbound"}).status_code == 400


def test_earlier_tickets_of_the_same_phone_or_order_id_are_told_even_when_closed(cast: Cast) -> None:
    first = complaint(cast)
    first.does("cs", "answer", answer="Sudah dijelaskan", **GREETED)
    second = complaint(cast, phone="+62 812 3344 5566", order_id="ORD-9")
    assert second.similar == [first.case["number"]]
    third = complaint(cast, phone="0899 1111 222")
    assert third.similar == [first.case["number"]]
    stranger = {"phone": "0877 1111 222", "order_id": "ORD-8", "identity_verified": "not_in_data"}
    assert complaint(cast, **stranger).similar == []


# -- deadlines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "at", "due"),
    [
        (CALL, "2026-11-23T07:00+00:00", "2026-11-30"),
        (CALL | {"channel": "walk_in"}, "2026-11-23T07:00+00:00", "2026-11-30"),
        (MAIL, "2026-11-23T07:00+00:00", "2026-12-07"),
        # Half past midnight in Jakarta is the next day already.
        (CALL, "2026-11-23T17:30+00:00", "2026-12-01"),
        # Christmas and the joint leave before it, two weekends, New Year.
        (CALL, "2026-12-23T03:00+00:00", "2027-01-04"),
        # Nyepi and Idul Fitri with their joint leave: 18 to 24 March 2026.
        (CALL, "2026-03-16T03:00+00:00", "2026-03-30"),
        # A Saturday: counting begins on Monday.
        (CALL, "2026-11-28T03:00+00:00", "2026-12-04"),
    ],
)
def test_the_deadline_counts_working_days(cast: Cast, clock: Any, given: dict[str, Any], at: str, due: str) -> None:
    clock.move_to(datetime.fromisoformat(at))
    case = complaint(cast, given).case
    assert case["deadline"] == due
    assert case["due_at"][:16] == f"{due}T16:59", "the last second of that day in Jakarta"


def test_it_is_extended_once_by_at_most_ten_days_with_notice(app: Flask, cast: Cast) -> None:
    story = complaint(cast, MAIL)
    reason = {"extension_reason": "Menunggu bank"}
    assert story.is_refused(403, "cs", "extend_deadline", **reason, extension_days=5)["role"] == {"Supervisor"}
    assert story.is_refused(422, "supervisor", "extend_deadline", extension_days=5)["field"] == {"extension_reason"}
    story.is_refused(400, "supervisor", "extend_deadline", **reason, extension_days=0)
    too_long = story.by("supervisor").post(
        f"{story.path}/actions/extend_deadline", {**reason, "extension_days": 11, "version": story.case["version"]}
    )
    assert too_long.status_code == 422
    assert "paling banyak 10 menurut POJK 22/2023" in too_long.text
    case = story.does("supervisor", "extend_deadline", **reason, extension_days=10)
    # Ten working days, and ten more.
    assert (case["deadline"], case["state"]) == ("2026-12-21", "open")
    assert case["extended_at"]
    notice = mails(app)[-1]
    assert "21/12/2026" in notice.text
    assert "Menunggu bank" in notice.text
    assert story.is_refused(422, "supervisor", "extend_deadline", **reason, extension_days=1)["guard"] == {"once"}


def letter(story: Story) -> dict[str, Any]:
    """The letter in the checklist, with its bytes; a PDF."""
    papers = {item["type"]: item["versions"] for item in story.by("cs").get(f"{story.path}/documents").json}
    [version] = papers["surat_perpanjangan"]
    content = story.by("cs").get(f"{story.path}/documents/{version['id']}/content").data
    assert content.startswith(b"%PDF")
    assert [d["type"] for d in story.history("cs")[-1]["documents"]] == ["surat_perpanjangan"]
    return version | {"content": content}


def test_who_called_is_told_of_an_extension_by_a_letter(app: Flask, cast: Cast) -> None:
    story = complaint(cast)
    extension = {"extension_reason": "Menunggu bank", "extension_days": 5}
    case = story.does("supervisor", "extend_deadline", **extension, postal_address="Jl. Mawar 1\nDepok 16431")
    assert (case["extension_notice"], case["extended_by"]) == ("letter", "Supervisor Uji")
    assert mails(app) == []
    letter(story)


@pytest.mark.parametrize(("given", "told"), [(CALL, {"email": "nur@contoh.example"}), (MAIL, {})])
def test_with_an_e_mail_address_the_letter_is_sent(
    app: Flask, cast: Cast, given: dict[str, Any], told: dict[str, Any]
) -> None:
    story = complaint(cast, given)
    case = story.does("supervisor", "extend_deadline", extension_reason="Menunggu bank", extension_days=5, **told)
    assert case["extension_notice"] == "email"
    mail = mails(app)[-1]
    assert (mail.recipient, mail.documents) == (case["email"], [letter(story)["id"]])


@pytest.mark.parametrize("state", ["open", "in_progress", "awaiting_customer", "callback_scheduled"])
def test_it_may_be_extended_in_any_open_state(cast: Cast, state: str) -> None:
    story = complaint(cast)
    way: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "in_progress": [("handle", {"analysis": "x"})],
        "awaiting_customer": [("request_data", {"data_needed": "x"})],
        "callback_scheduled": [("schedule_callback", {"callback_reason": "cut_off", "callback_at": LATER})],
    }
    for key, answers in way.get(state, []):
        story.does("cs", key, **answers)
    done = story.does("supervisor", "extend_deadline", extension_reason="x", extension_days=3)
    assert (done["state"], done["deadline"]) == (state, "2026-12-03")


# -- answering and resolving --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "category", ["payment_method", "product_information", "bill_amount", "how_to_apply", "application_status"]
)
def test_a_general_matter_is_answered_at_once(cast: Cast, category: str) -> None:
    story = complaint(cast, category=category)
    done = story.does("cs", "answer", answer="Jatuh tempo 1 Desember", **GREETED)
    assert (done["state"], done["kind"]) == ("resolved", "final")


@pytest.mark.parametrize("category", ["payment_detail", "application_fault", "other"])
def test_a_specific_matter_is_not(cast: Cast, category: str) -> None:
    story = complaint(cast, category=category)
    assert story.buttons("cs")["answer"] is False
    assert story.is_refused(422, "cs", "answer", answer="x", **GREETED)["guard"] == {"direct_category"}
    story.does("cs", "handle", analysis="Perlu dicek")
    assert story.is_refused(422, "cs", "answer", answer="x", **GREETED)["guard"] == {"direct_category"}
    assert story.does("cs", "resolve", solution="Sudah dicatat", **GREETED)["state"] == "resolved"


@pytest.mark.parametrize("step", ["answer", "resolve"])
@pytest.mark.parametrize("given", [CALL, CALL | {"channel": "walk_in"}, MAIL | {"category": "bill_amount"}])
def test_the_closing_checklist_depends_on_the_channel(cast: Cast, given: dict[str, Any], step: str) -> None:
    story = complaint(cast, given)
    said = {"answer": "Sudah"} if step == "answer" else {"solution": "Sudah"}
    story.does("cs", "handle", analysis="x")
    items = set(TICKS) if given["channel"] == "email" else set(GREETED)
    assert story.is_refused(422, "cs", step)["field"] == items | set(said)
    for item in items:
        ticks = {key: key != item for key in items}
        assert story.is_refused(422, "cs", step, **said, **ticks)["field"] == {item}
    assert story.does("cs", step, **said, **dict.fromkeys(items, True))["state"] == "resolved"


def test_only_what_is_in_progress_is_resolved(cast: Cast) -> None:
    story = complaint(cast)
    assert "state" in story.is_refused(409, "cs", "resolve", solution="x", **GREETED)
    assert story.is_refused(422, "cs", "handle")["field"] == {"analysis"}
    story.does("cs", "handle", analysis="x")
    story.is_refused(409, "cs", "handle", analysis="x")
    story.is_refused(403, "supervisor", "resolve", solution="x", **GREETED)


def test_the_same_problem_again(cast: Cast) -> None:
    story = complaint(cast)
    story.is_refused(409, "cs", "reopen", note="x")
    story.does("cs", "answer", answer="Sudah", **GREETED)
    assert story.is_refused(422, "cs", "reopen")["note"] == {"note"}
    done = story.does("cs", "reopen", note="Masih sama")
    assert (done["state"], done["closed_at"]) == ("in_progress", None)
    assert [line["action"] for line in story.history("cs")] == ["register", "answer", "reopen"]


# -- data from the customer ---------------------------------------------------------------------------------------


def test_data_are_asked_for_and_come(app: Flask, cast: Cast) -> None:
    story = complaint(cast, MAIL)
    assert story.is_refused(422, "cs", "request_data")["field"] == {"data_needed"}
    assert story.does("cs", "request_data", data_needed="Bukti transfer")["state"] == "awaiting_customer"
    mail = mails(app)[-1]
    assert "Bukti transfer" in mail.text
    assert story.case["number"] in mail.subject
    lacking = story.is_refused(422, "cs", "receive_data")["document"]
    assert lacking == {"data_pelanggan|email_pelanggan"}
    assert story.does("cs", "receive_data", "data_pelanggan")["state"] == "in_progress"
    story.does("cs", "request_data", data_needed="Lagi")
    assert "document" in story.is_refused(422, "cs", "receive_data"), "what came before is not what was asked for now"


def test_it_is_said_by_which_way_data_were_asked_for(app: Flask, cast: Cast) -> None:
    story = complaint(cast)
    by_mail = story.is_refused(422, "cs", "request_data", data_needed="KTP", data_asked_by="email")
    assert by_mail == {"guard": {"address_to_ask"}}
    assert story.does("cs", "request_data", data_needed="KTP", data_asked_by="counter")["data_asked_by"] == "counter"
    assert story.history("cs")[-1]["changes"]["data_asked_by"] == [None, "counter"]
    assert mails(app) == []


@pytest.mark.parametrize(
    ("given", "way"), [(CALL, "phone"), (CALL | {"channel": "walk_in"}, "counter"), (MAIL, "email")]
)
def test_where_nothing_is_said_it_is_the_way_by_which_the_customer_came(
    cast: Cast, given: dict[str, Any], way: str
) -> None:
    asked = complaint(cast, given).does("cs", "request_data", data_needed="KTP")
    assert asked["data_asked_by"] == way


def test_with_an_e_mail_address_the_system_asks_unless_it_is_said_otherwise(app: Flask, cast: Cast) -> None:
    story = complaint(cast, MAIL)
    before = len(mails(app))
    asked = story.does("cs", "request_data", data_needed="KTP", data_asked_by="phone")
    assert (asked["data_asked_by"], len(mails(app))) == ("phone", before)
    other = complaint(cast, MAIL)
    before = len(mails(app))
    assert other.does("cs", "request_data", data_needed="KTP")["data_asked_by"] == "email"
    assert len(mails(app)) == before + 1


def test_a_visit_that_needs_supporting_data_does_not_go_on_without(cast: Cast) -> None:
    story = complaint(cast, channel="walk_in", category="other")
    story.does("cs", "request_data", data_needed="Bukti transfer")
    for key in ("resolve", "answer", "handle"):
        story.is_refused(409, "cs", key)
    # Not by way of a call-back either.
    story.does("cs", "schedule_callback", callback_reason="no_reply", callback_at=LATER)
    story.does("cs", "record_callback", callback_result="reached", callback_said="Akan dikirim")
    lacking = story.is_refused(422, "cs", "resolve", solution="x", **GREETED)
    assert lacking == {"document": {"data_pelanggan|email_pelanggan"}}
    assert story.does("cs", "resolve", "data_pelanggan", solution="x", **GREETED)["state"] == "resolved"


# -- call-backs ---------------------------------------------------------------------------------------------------


def test_nobody_is_called_back_in_the_past(cast: Cast) -> None:
    story = complaint(cast)
    past = {"callback_at": "2026-11-23 13:59"}
    lacking = story.is_refused(422, "cs", "schedule_callback", callback_reason="cut_off", **past)
    assert lacking == {"field": {"callback_at"}}
    story.does("cs", "schedule_callback", callback_reason="cut_off", callback_at=LATER)
    lacking = story.is_refused(422, "cs", "record_callback", callback_result="not_reached", **past)
    assert lacking == {"field": {"callback_at"}}


def test_a_call_back_until_the_customer_is_reached(cast: Cast) -> None:
    story = complaint(cast)
    assert story.is_refused(422, "cs", "schedule_callback")["field"] == {"callback_reason", "callback_at"}
    case = story.does("cs", "schedule_callback", callback_reason="cut_off", callback_at=LATER)
    assert (case["state"], case["callbacks_count"]) == ("callback_scheduled", 0)
    story.is_refused(409, "cs", "schedule_callback", callback_reason="cut_off", callback_at=LATER)
    assert story.is_refused(422, "cs", "record_callback")["field"] == {"callback_result"}
    assert story.is_refused(422, "cs", "record_callback", callback_result="not_reached")["field"] == {"callback_at"}
    for attempt in (1, 2):
        case = story.does("cs", "record_callback", callback_result="not_reached", callback_at="2026-11-25 10:00")
        assert (case["state"], case["callbacks_count"]) == ("callback_scheduled", attempt)
    assert story.is_refused(422, "cs", "record_callback", callback_result="reached")["field"] == {"callback_said"}
    case = story.does("cs", "record_callback", callback_result="reached", callback_said="Dijelaskan")
    assert (case["state"], case["callbacks_count"]) == ("in_progress", 3)
    [row] = [r for r in cast.api("cs").get("/pengaduan/").json["result"] if r["id"] == case["id"]]
    assert row["callbacks_count"] == 3
    assert [r["callback_reason"] for r in case["callbacks"]] == ["cut_off", None, None, None]


@pytest.mark.parametrize("reason", ["more_explanation", "no_reply", "cut_off"])
@pytest.mark.parametrize("state", ["open", "in_progress", "awaiting_customer"])
def test_one_is_scheduled_from_any_unsettled_state(cast: Cast, state: str, reason: str) -> None:
    story = complaint(cast)
    if state != "open":
        key, answers = {"in_progress": ("handle", {"analysis": "x"}),
                        "awaiting_customer": ("request_data", {"data_needed": "x"})}[state]  # fmt: skip
        story.does("cs", key, **answers)
    done = story.does("cs", "schedule_callback", callback_reason=reason, callback_at=LATER)
    assert done["state"] == "callback_scheduled"


def test_a_call_back_stands_in_the_list_of_its_day(app: Flask, cast: Cast, clock: Any) -> None:
    story = complaint(cast)
    story.does("cs", "schedule_callback", callback_reason="cut_off", callback_at=LATER)
    today = cast.login("cs").get("/agenda/?sop=pengaduan&day=today").text
    assert story.case["number"] not in today
    clock.shift(timedelta(days=1))
    browser = cast.login("cs")
    for query in ("?sop=pengaduan&day=today", "?day=today", "", "?sop=pengaduan", "?sop=nichts&day=nie"):
        assert story.case["number"] in browser.get(f"/agenda/{query}").text, query
    assert story.case["number"] not in cast.login("supervisor").get("/agenda/?sop=somasi").text
    today = browser.get("/agenda/?sop=pengaduan&day=today").text
    assert "24 Nov 2026 09.00 WIB" in today
    assert "Nur Aini" in today


# -- replies ------------------------------------------------------------------------------------------------------


def test_a_reply_goes_into_the_outbox_with_the_number_in_its_subject(app: Flask, cast: Cast) -> None:
    template = approved_template(cast)
    story = complaint(cast, CALL, email="nur@contoh.example", category="other")
    assert story.choices("cs", "reply", "template") == [template]
    assert story.is_refused(422, "cs", "reply")["field"] == {"template"}
    done = story.does("cs", "reply", template=template, free_text="Salam, CS")
    assert done["state"] == "open"
    mail = mails(app)[-1]
    assert (mail.recipient, mail.case_id) == ("nur@contoh.example", done["id"])
    assert done["number"] in mail.subject
    assert mail.text == (
        f"Yth. Nur Aini, tiket {done['number']}: tagihan Rp1.250.000, jatuh tempo 01/12/2026.\n\nSalam, CS"
    )
    line = story.history("cs")[-1]
    assert (line["action"], line["from"], line["to"]) == ("reply", "open", "open")
    assert line["changes"]["template"] == [None, template]


def test_without_an_address_there_is_no_reply(cast: Cast) -> None:
    template = approved_template(cast)
    story = complaint(cast)
    assert story.buttons("cs")["reply"] is False
    assert story.is_refused(422, "cs", "reply", template=template)["guard"] == {"email"}


def test_the_customer_is_written_to_in_indonesian_whatever_the_officer_reads(app: Flask, cast: Cast) -> None:
    browser = cast.login("cs")
    browser.get("/lang/en")
    assert browser.post("/pengaduan/new", data=MAIL).status_code == 302
    [mail] = mails(app)
    assert "Pengaduan" in mail.text
    assert "complaint" not in mail.subject + mail.text


@pytest.mark.parametrize("step", ["reply", "schedule_callback", "request_data", "extend_deadline"])
def test_nothing_of_it_is_done_to_a_closed_complaint(cast: Cast, step: str) -> None:
    story = complaint(cast)
    story.does("cs", "answer", answer="x", **GREETED)
    story.is_refused(409, "supervisor" if step == "extend_deadline" else "cs", step)
