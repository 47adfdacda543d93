"""Deadline policies: an admin makes them, nonsense is refused, and complaints opened afterwards keep them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Clock, DeadlinePolicy
from app.services.deadlines import policies
from app.services.notices import deadline_warnings
from app.sop import SOPS
from tests.cast import Cast
from tests.panel.helpers import REPORT, counted, posko, refused, send

LIST, ADD = "/deadlinepolicyview/list/", "/deadlinepolicyview/add"
POJK: dict[str, str] = {
    "target": "pengaduan/pojk", "channel": "email", "amount": "10", "measure": "working_days", "joint_leave": "y",
    "escalate_to": "", "active": "y", "citation": "Perjanjian layanan 2026",
}  # fmt: skip
MAIL = {
    "channel": "email", "name": "Rahmat", "email": "rahmat@contoh.example", "category": "payment_detail",
    "complaint": "Pembayaran saya belum tercatat",
}  # fmt: skip


@pytest.fixture
def monday() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), tick=True) as traveller:
        yield traveller


def kept(app: Flask) -> list[DeadlinePolicy]:
    with app.app_context():
        return list(db.session.scalars(select(DeadlinePolicy).order_by(DeadlinePolicy.id)))


def page(browser: FlaskClient) -> str:
    return unescape(browser.get(LIST).text)


def declared_part(text: str) -> str:
    return text.split('id="declared"')[1].split("</section>")[0]


def test_only_admins_reach_them(cast: Cast, admin: FlaskClient) -> None:
    assert admin.get(LIST).status_code == 200
    assert LIST in admin.get("/").text
    for name in ("supervisor", "cs"):
        browser = cast.login(name)
        assert browser.get(LIST).status_code == 403
        assert browser.get(ADD).status_code == 403
        assert browser.post(ADD, data=POJK).status_code == 403
        assert LIST not in browser.get("/").text
    assert kept(cast.app) == []
    assert cast.app.test_client().get(LIST).status_code == 302


def test_made_changed_and_deleted(app: Flask, admin: FlaskClient) -> None:
    assert admin.post(ADD, data=POJK).headers["Location"].endswith(LIST)
    [policy] = kept(app)
    assert (policy.sop, policy.deadline, policy.state, policy.channel) == ("pengaduan", "pojk", "", "email")
    assert (policy.amount, policy.measure, policy.joint_leave, policy.active) == (10, "working_days", True, True)
    shown = page(admin)
    assert "10 working days" in shown
    assert "Supervisor (as usual)" in shown

    form = unescape(admin.get(f"/deadlinepolicyview/edit/{policy.id}").text)
    assert '<option selected value="pengaduan/pojk">' in form
    changed = POJK | {"amount": "1", "measure": "calendar_months", "escalate_to": "CS", "active": ""}
    del changed["joint_leave"], changed["active"]
    admin.post(f"/deadlinepolicyview/edit/{policy.id}", data=changed)
    [policy] = kept(app)
    assert (policy.amount, policy.measure, policy.escalate_to) == (1, "calendar_months", "CS")
    assert (policy.joint_leave, policy.active) == (False, False)
    assert "1 month" in admin.get(f"/deadlinepolicyview/show/{policy.id}").text

    admin.post(f"/deadlinepolicyview/delete/{policy.id}")
    assert kept(app) == []


def test_every_deadline_and_every_open_state_can_be_limited_and_nothing_else(admin: FlaskClient) -> None:
    form = unescape(admin.get(ADD).text)
    for sop in SOPS.values():
        assert f'<optgroup label="{sop.label_plural}">' in form
        for state in sop.states:
            assert (f'value="{sop.key}/state:{state.key}"' in form) is not state.is_final
    assert 'value="somasi/bpsk"' in form
    assert 'value="somasi/letter"' not in form, "its day is given on the case"
    assert "Time in “Document check”" in form


#: What is wrong, and the field that says so.
NONSENSE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"target": ""}, "target"),
    ({"target": "pengaduan/state:resolved"}, "target"),
    ({"target": "somasi/letter"}, "target"),
    ({"target": "mars/pojk"}, "target"),
    ({"channel": "pigeon"}, "channel"),
    ({"channel": "whatsapp"}, "channel"),
    ({"target": "somasi/bpsk"}, "channel"),
    ({"amount": "0"}, "amount"),
    ({"amount": "1000"}, "amount"),
    ({"amount": "-3"}, "amount"),
    ({"amount": "9" * 5000}, "amount"),
    ({"amount": "ten"}, "amount"),
    ({"amount": ""}, "amount"),
    ({"measure": "fortnights"}, "measure"),
    ({"measure": ""}, "measure"),
    ({"escalate_to": "COO"}, "escalate_to"),
    ({"escalate_to": "Pope"}, "escalate_to"),
)


def test_nonsense_is_refused(app: Flask, admin: FlaskClient) -> None:
    for wrong, field in NONSENSE:
        refused(admin, ADD, POJK | wrong, field)
    assert kept(app) == []


def test_refusals_say_why(admin: FlaskClient) -> None:
    wrong = unescape(admin.post(ADD, data=POJK | {"channel": "whatsapp", "escalate_to": "COO"}).text)
    assert "Cases of “User complaints” do not come by this channel." in wrong
    assert "This role takes no part in “User complaints”." in wrong


def test_an_internal_target_needs_no_law_and_is_not_longer_than_its_deadline(app: Flask, admin: FlaskClient) -> None:
    target = POJK | {"target": "pengaduan/target:pojk", "citation": "", "amount": "11", "channel": ""}
    wrong = unescape(admin.post(ADD, data=target | {"amount": "21"}).text)
    assert "An internal target is not longer than its deadline: 20 working days." in wrong
    assert admin.post(ADD, data=target | {"channel": "inbound", "amount": "6"}).status_code == 200
    assert admin.post(ADD, data=target).status_code == 302
    assert [(policy.deadline, policy.amount) for policy in kept(app)] == [("target:pojk", 11)]
    shown = page(admin)
    assert "Internal target: Deadline (POJK)" in shown
    assert "/edit/" not in declared_part(shown), "it overrides nothing"
    assert '<option selected value="pengaduan/target:pojk">' in unescape(admin.get("/deadlinepolicyview/edit/1").text)


def test_the_same_twice_is_refused_for_the_same_channel_only(app: Flask, admin: FlaskClient) -> None:
    for channel in ("email", "walk_in", ""):
        assert admin.post(ADD, data=POJK | {"channel": channel}).status_code == 302
    again = unescape(admin.post(ADD, data=POJK | {"amount": "7"}).text)
    assert "There is a policy for this, this channel and this day already: edit that one." in again
    assert admin.post(ADD, data=POJK | {"target": "pengaduan/state:open"}).status_code == 302
    first, second, *_rest = kept(app)
    assert admin.post(f"/deadlinepolicyview/edit/{first.id}", data=POJK | {"amount": "7"}).status_code == 302
    assert admin.post(f"/deadlinepolicyview/edit/{second.id}", data=POJK).status_code == 200
    assert [policy.amount for policy in kept(app)] == [7, 10, 10, 10]


def test_an_answer_that_was_not_sent_means_everybody(app: Flask, admin: FlaskClient) -> None:
    admin.post(ADD, data={"target": "keluhan/state:reported", "amount": "4", "measure": "working_hours"})
    [policy] = kept(app)
    assert (policy.channel, policy.escalate_to, policy.joint_leave) == ("", "", False)
    assert "4 working hours, joint leave is worked" in page(admin)


def test_what_the_sops_declare_and_what_goes_over_it(app: Flask, admin: FlaskClient) -> None:
    before = declared_part(page(admin))
    for words in ("Telephone (inbound), Walk-in", "5 working days", "20 working days", "21 working days",
                  "14 calendar days", "until the day given on the case"):  # fmt: skip
        assert words in before
    for law in ("POJK 22/2023 applies to cases received from 22 Dec 2023",
                "POJK 18/POJK.07/2018 applies to cases received until 21 Dec 2023"):  # fmt: skip
        assert before.count(law) == 2, "oral ones and written ones"
    assert before.count("none can") == 2, "the letter's deadline and the next hearing"
    assert "/edit/" not in before
    admin.post(ADD, data=POJK)
    admin.post(ADD, data=POJK | {"channel": "", "amount": "4"})
    with app.test_request_context():
        over = [(one.limit.amount, [p.amount for p in one.policies]) for one in policies.declared() if one.policies]
    assert over == [(5, [4]), (5, [4]), (10, [10]), (20, [10])], "written ones come by e-mail alone"
    assert "10 working days (E-mail): Perjanjian layanan 2026</a>" in declared_part(page(admin))


def test_a_policy_that_is_off_goes_over_nothing(admin: FlaskClient) -> None:
    off = {key: value for key, value in POJK.items() if key != "active"}
    admin.post(ADD, data=off)
    assert "/edit/" not in declared_part(page(admin))


def test_a_policy_of_an_sop_that_is_gone_can_be_seen_and_deleted(app: Flask, admin: FlaskClient) -> None:
    with app.app_context():
        db.session.add(DeadlinePolicy(sop="gone", state="lost", amount=1, measure="working_days"))
        db.session.commit()
    assert "lost" in page(admin)
    assert admin.get("/deadlinepolicyview/edit/1").status_code == 200
    admin.post("/deadlinepolicyview/delete/1")
    assert kept(app) == []


def test_the_page_asks_the_same_few_questions_however_many_there_are(app: Flask, admin: FlaskClient) -> None:
    admin.post(ADD, data=POJK)
    admin.get(LIST)
    with counted(app) as few:
        admin.get(LIST)
    for target in [one.key for one in policies.targets() if one.sop.key == "somasi"][:10]:
        assert admin.post(ADD, data=POJK | {"target": target, "channel": ""}).status_code == 302
    with counted(app) as many:
        admin.get(LIST)
    assert len(many) == len(few)


@pytest.mark.usefixtures("monday")
def test_fifteen_days_for_written_complaints_hold_for_those_that_come_afterwards(
    app: Flask, cast: Cast, admin: FlaskClient
) -> None:
    cs = cast.login("cs")
    before = opened(app, cs)
    assert before.deadline == date(2026, 12, 7), "the SOP's 10 working days"
    admin.post(ADD, data=POJK | {"amount": "15"})
    case = opened(app, cs)
    # 24 to 27 November: four; 30 November to 4 December: nine; 7 to 11: fourteen; the next is Monday, 14 December.
    assert case.deadline == date(2026, 12, 14)
    assert f"{case.due_at:%Y-%m-%d %H:%M:%S}" == "2026-12-14 16:59:59", "midnight in Jakarta"
    oral = opened(app, cs, channel="inbound", phone="081234567890", identity_verified="not_in_data", order_id="ORD-1")
    assert oral.deadline == date(2026, 11, 30), "five days, as before"
    with app.app_context():
        deadline_warnings.begin_missing()
        assert db.session.get(Case, before.id).deadline == date(2026, 12, 7), "what runs keeps its length"


def opened(app: Flask, cs: FlaskClient, **answers: str) -> Any:
    made = send(cs, "/pengaduan/new", MAIL | answers)
    assert made.status_code == 302, made.text
    with app.app_context():
        return db.session.scalars(select(Case).order_by(Case.id.desc()).limit(1)).one()


@pytest.mark.usefixtures("monday")
def test_a_case_that_is_in_the_state_already_gets_its_clock(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    posko(app)
    assert send(cast.login("cso"), "/keluhan/new", REPORT).status_code == 302
    limit = {"target": "keluhan/state:reported", "channel": "cc_123", "amount": "4", "measure": "working_hours"}
    admin.post(ADD, data=POJK | limit)
    with app.app_context():
        assert deadline_warnings.begin_missing() == 1
        [clock] = db.session.scalars(select(Clock))
        # It was reported at 09.00 in Jakarta.
        assert f"{clock.due_at:%Y-%m-%d %H:%M}" == "2026-11-23 06:00"
        assert deadline_warnings.begin_missing() == 0
