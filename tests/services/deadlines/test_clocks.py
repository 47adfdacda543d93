"""The clocks of a case: started, paused, extended, warned of, escalated, kept and missed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.extensions import db
from app.models import CalendarDay, Case, Clock, DeadlinePolicy, Event, HearingStage, Notice, Posko, User
from app.services.cases import transitions
from app.services.core import clock, history
from app.services.core.access import Actor
from app.services.documents import documents
from app.services.notices import deadline_warnings
from tests.cast import Cast
from tests.client import PDF
from tests.panel.helpers import REPORT

MAIL: dict[str, Any] = {
    "channel": "email", "name": "Rahmat", "email": "rahmat@contoh.example", "category": "payment_detail",
    "complaint": "Pembayaran saya belum tercatat",
}  # fmt: skip
SOMASI: dict[str, Any] = {
    "letter_number": "1", "letter_date": "2026-11-09", "received_date": "2026-11-12", "sender": "Kantor Hukum",
    "customer_name": "Toko Mekar", "subject": "Paket hilang",
}  # fmt: skip
MONDAY = "2026-11-23 09:00"


def at(written: str) -> Any:
    return clock.at(datetime.fromisoformat(f"{written}+07:00"))


def papers(*kinds: str) -> dict[str, list[documents.Upload]]:
    return {kind: [documents.Upload("berkas.pdf", io.BytesIO(PDF))] for kind in kinds}


class People:
    def __init__(self, app: Flask) -> None:
        self.cast = Cast(app)
        self.pk, self.sop = 0, ""

    def __getattr__(self, name: str) -> Actor:
        return self.cast.actor(name)

    def open(self, sop: str, who: str, answers: dict[str, Any], *kinds: str, on: str = MONDAY) -> Any:
        with at(on):
            self.sop, self.pk = sop, int(transitions.create(getattr(self, who), sop, answers, papers(*kinds)).id)
        return self.case

    def do(self, who: str, key: str, on: str, *kinds: str, **answers: Any) -> Any:
        note = answers.pop("note", "Sesuai SOP")
        with at(on):
            transitions.perform(getattr(self, who), self.sop, self.pk, key, answers, papers(*kinds), note)
        return self.case

    @property
    def case(self) -> Any:
        db.session.expire_all()
        return db.session.get(Case, self.pk)

    def clocks(self, key: str) -> list[Clock]:
        db.session.expire_all()
        wanted = select(Clock).where(Clock.case_id == self.pk, Clock.key == key).order_by(Clock.id)
        return list(db.session.scalars(wanted))

    def case_clocks(self) -> list[Clock]:
        db.session.expire_all()
        return list(db.session.scalars(select(Clock).where(Clock.case_id == self.pk).order_by(Clock.id)))

    def hear(self, stage: str, day: str) -> None:
        self.do("legal", "record_hearing", f"{day} 15:00", stage=stage, hearing_date=day, what_happened="Hadir")

    def notices(self, kind: str) -> list[tuple[str, str]]:
        wanted = (
            select(User.username, Notice.action)
            .join(User, User.id == Notice.user_id)
            .where(Notice.case_id == self.pk, Notice.kind == kind)
        )
        return sorted(db.session.execute(wanted.order_by(Notice.id)).tuples())


@pytest.fixture
def people(any_app: Flask) -> Iterator[People]:
    with any_app.test_request_context():
        cast = People(any_app)
        for name in ("cs", "supervisor", "legal", "legal_manager"):
            cast.cast.user(name)
        yield cast


def local(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.zone()):%Y-%m-%d %H:%M:%S}" if moment else ""


def test_a_written_complaint_has_ten_working_days_and_the_history_says_so(people: People) -> None:
    case = people.open("pengaduan", "cs", MAIL)
    assert case.deadline == date(2026, 12, 7)
    assert local(case.due_at) == "2026-12-07 23:59:59"
    assert db.session.scalars(select(Event).where(Event.case_id == case.id)).one().changes["deadline"] == [
        None, "2026-12-07",
    ]  # fmt: skip


def test_the_clock_is_paused_while_the_customer_is_waited_for(people: People) -> None:
    people.open("pengaduan", "cs", MAIL)
    case = people.do("cs", "request_data", "2026-11-25 10:00", data_needed="Bukti bayar")
    [pojk] = people.clocks("pojk")
    assert (pojk.due_at, pojk.next_at, case.due_at) == (None, None, None)
    assert case.deadline == date(2026, 12, 7), "what the case keeps is the day that it would be if the data came now"
    with at("2027-02-01 09:00"):
        assert deadline_warnings.watch() == 0, "nobody is warned of a clock that is paused"
    case = people.do("cs", "receive_data", "2026-12-02 10:00", "data_pelanggan")
    assert case.deadline == date(2026, 12, 16), "ten working days from complete documents"
    assert people.clocks("pojk")[0].pauses == [], "what was before the count puts nothing off"


def test_an_extension_puts_the_deadline_off_and_is_warned_of_anew(people: People) -> None:
    people.open("pengaduan", "cs", MAIL)
    with at("2026-12-04 09:00"):
        assert deadline_warnings.watch() == 1
    assert people.clocks("pojk")[0].level == 80
    case = people.do("supervisor", "extend_deadline", "2026-12-04 10:00", extension_reason="Menunggu bank",
                     extension_days=10)  # fmt: skip
    assert case.deadline == date(2026, 12, 21), "20 working days in all"
    assert people.clocks("pojk")[0].level == 0
    with at("2026-12-08 09:00"):
        assert deadline_warnings.watch() == 1
    assert people.clocks("pojk")[0].level == 50


def test_warnings_come_once_each_and_the_last_one_goes_up(people: People) -> None:
    people.open("pengaduan", "cs", MAIL)
    for moment, expected in (("2026-11-30 09:00", 0), ("2026-12-01 09:00", 1), ("2026-12-04 00:01", 1),
                             ("2026-12-08 00:00", 1), ("2026-12-09 00:00", 0)):  # fmt: skip
        with at(moment):
            assert deadline_warnings.watch() == expected, moment
            assert deadline_warnings.watch() == 0, "a second worker finds nothing to do"
    assert [used for who, used in people.notices("deadline") if who == "cs"] == ["pojk@100", "pojk@50", "pojk@80"]
    assert people.notices("escalation") == [("supervisor", "pojk")]
    warnings = db.session.scalars(
        select(Event).where(Event.action == deadline_warnings.WARNING).order_by(Event.id)
    ).all()
    assert [(e.changes["used"][1], e.actor_name) for e in warnings] == [
        (50, "Tuntas"), (80, "Tuntas"), (100, "Tuntas"),
    ]  # fmt: skip
    assert warnings[-1].changes["escalated_to"] == [None, "Supervisor"]
    assert list(history.verify(db.session())) == []


def test_a_warning_blocks_nobody(people: People) -> None:
    seen = people.open("pengaduan", "cs", MAIL).version
    with at("2026-12-08 09:00"):
        assert deadline_warnings.watch() == 1
        transitions.perform(people.cs, "pengaduan", people.pk, "handle", {"analysis": "Dicek"}, version=seen)
    assert people.case.state == "in_progress"


@pytest.mark.parametrize(("on", "outcome"), [("2026-12-07 23:00", "kept"), ("2026-12-08 08:00", "missed")])
def test_in_time_or_late_is_settled_when_the_case_ends(people: People, on: str, outcome: str) -> None:
    people.open("pengaduan", "cs", MAIL)
    people.do("cs", "handle", "2026-11-24 09:00", analysis="Dicek")
    ticks = dict.fromkeys(("number_told", "anything_else", "summary_given"), True)
    case = people.do("cs", "resolve", on, "data_pelanggan", solution="Tercatat", **ticks)
    [pojk] = people.clocks("pojk")
    assert (pojk.outcome, pojk.next_at, case.due_at) == (outcome, None, None)
    case = people.do("cs", "reopen", "2027-01-04 09:00", note="Masih sama")
    assert case.deadline == date(2027, 1, 19), "a complaint that comes again has a time of its own"
    assert [c.outcome for c in people.clocks("pojk")] == [outcome, ""]


def test_a_policy_goes_over_the_declared_limit_but_not_over_a_clock_that_runs(people: People) -> None:
    first = people.open("pengaduan", "cs", MAIL)
    db.session.add(DeadlinePolicy(sop="pengaduan", deadline="pojk", channel="email", amount=15, measure="working_days"))
    db.session.commit()
    people.do("cs", "handle", "2026-11-24 09:00", analysis="Dicek")
    assert first.deadline == date(2026, 12, 7)
    assert people.open("pengaduan", "cs", MAIL).deadline == date(2026, 12, 14)
    other = people.open("pengaduan", "cs", MAIL | {"channel": "walk_in", "phone": "081200", "order_id": "A1",
                                                    "identity_verified": "not_in_data"})  # fmt: skip
    assert other.deadline == date(2026, 11, 30)


def test_a_policy_on_a_state_starts_its_own_clock_also_for_cases_that_are_in_it(people: People) -> None:
    people.open("somasi", "legal", SOMASI, "somasi")
    db.session.add(
        DeadlinePolicy(
            sop="somasi", state="awaiting_cs_documents", amount=2, measure="working_days", escalate_to="Legal"
        )
    )
    db.session.commit()
    with at("2026-11-23 10:00"):
        assert (deadline_warnings.begin_missing(), deadline_warnings.begin_missing()) == (1, 0)
    assert local(people.case.due_at) == "2026-11-25 23:59:59"
    with at("2026-11-26 09:00"):
        assert deadline_warnings.watch() == 1
    assert ("legal", "state:awaiting_cs_documents") in people.notices("escalation")


def test_a_day_off_that_an_admin_entered_counts(people: People) -> None:
    db.session.add(CalendarDay(day=date(2026, 11, 25), working=False, name="Pilkada"))
    db.session.commit()
    assert people.open("pengaduan", "cs", MAIL).deadline == date(2026, 12, 8)


def test_the_letters_deadline_ends_with_the_reply_and_every_hearing_has_its_own(people: People) -> None:
    given = SOMASI | {"letter_deadline": "2026-12-01"}
    case = people.open("somasi", "legal", given, "somasi")
    assert local(case.due_at) == "2026-12-01 23:59:59"
    case.state = "responded"  # as if it had gone all that way
    db.session.commit()
    lawsuit = {"bpsk_office": "BPSK Depok", "bpsk_case_number": "7/2026", "registered_date": "2026-11-30"}
    case = people.do("legal", "continue_bpsk", "2026-12-02 09:00", "gugatan_bpsk", **lawsuit)
    assert people.clocks("letter")[0].outcome == "missed"
    assert local(case.due_at) == "2026-12-31 23:59:59", "21 working days from the registration"
    stages = {s.code: s.code for s in db.session.scalars(select(HearingStage).where(HearingStage.forum == case.state))}
    hearing = {"stage": stages["pra_sidang"], "hearing_date": "2026-12-07", "what_happened": "Hadir"}
    case = people.do("legal", "record_hearing", "2026-12-07 14:00", **hearing, next_date="2026-12-14")
    assert local(case.due_at) == "2026-12-14 23:59:59"
    people.do("legal", "record_hearing", "2026-12-15 09:00", **hearing, next_date="2026-12-28")
    assert [c.outcome for c in people.clocks("hearing")] == ["missed", ""]
    people.do("legal", "record_hearing", "2026-12-28 15:00",
              **hearing | {"stage": stages["putusan"], "hearing_date": "2026-12-28"})  # fmt: skip
    assert [c.outcome for c in people.clocks("hearing")] == ["missed", "kept"]
    assert [c.outcome for c in people.clocks("bpsk")] == ["kept"]
    assert local(people.case.due_at) == "2027-01-19 23:59:59", "14 working days to object"


def test_each_judgment_of_a_court_leaves_14_days_for_what_comes_next(people: People) -> None:
    case = people.open("somasi", "legal", SOMASI, "somasi")
    case.state = "responded"
    db.session.commit()
    lawsuit = {"court": "PN Depok", "court_case_number": "7/2026", "registered_date": "2026-11-30"}
    people.do("legal", "continue_court", "2026-12-01 09:00", "gugatan_pengadilan", **lawsuit)
    runs = []
    for stage, day in (
        ("pendaftaran", "2026-12-02"), ("putusan", "2026-12-07"), ("banding", "2026-12-10"), ("putusan", "2027-03-01"),
        ("kasasi", "2027-03-15"), ("putusan", "2027-06-01"),
    ):  # fmt: skip
        people.do("legal", "record_hearing", f"{day} 15:00", stage=stage, hearing_date=day, what_happened="Hadir")
        open_clocks = [c for key in ("appeal", "cassation") for c in people.clocks(key) if not c.outcome]
        runs.append([(c.key, local(c.due_at)[:10]) for c in open_clocks])
    assert runs == [[], [("appeal", "2026-12-21")], [], [("cassation", "2027-03-15")], [], []]
    assert [c.outcome for key in ("appeal", "cassation") for c in people.clocks(key)] == ["kept", "kept"]


def test_against_the_decision_on_an_objection_only_cassation_lies(people: People) -> None:
    case = people.open("somasi", "legal", SOMASI, "somasi")
    case.state = "responded"
    db.session.commit()
    lawsuit = {"bpsk_office": "BPSK Depok", "bpsk_case_number": "3/2026", "registered_date": "2026-11-30"}
    people.do("legal", "continue_bpsk", "2026-12-01 09:00", "gugatan_bpsk", **lawsuit)
    people.hear("putusan", "2026-12-07")
    objection = {"court": "PN Depok", "court_case_number": "9/2026", "registered_date": "2026-12-10"}
    people.do("legal", "object_bpsk", "2026-12-10 10:00", "gugatan_pengadilan", **objection)
    runs = []
    for stage, day in (("putusan", "2027-01-04"), ("banding", "2027-01-08"), ("kasasi", "2027-01-15")):
        people.hear(stage, day)
        open_clocks = [c for c in people.case_clocks() if not c.outcome]
        runs.append([(c.key, local(c.due_at)[:10]) for c in open_clocks])
    cassation = [("cassation_on_objection", "2027-01-18")]
    assert runs == [cassation, cassation, []], "an appeal that was lodged all the same changes nothing"
    assert people.clocks("appeal") == people.clocks("cassation") == []


@pytest.mark.parametrize(("on", "outcome"), [("2026-11-23 11:00", "void"), ("2026-11-24 09:00", "missed")])
def test_a_report_that_is_cancelled_has_kept_no_deadline(people: People, on: str, outcome: str) -> None:
    db.session.add(DeadlinePolicy(sop="keluhan", state="reported", amount=4, measure="working_hours"))
    db.session.add(Posko(code="menteng", name="Menteng", active=True))
    db.session.commit()
    people.open("keluhan", "cso", REPORT)
    people.do("supervisor", "cancel", on)
    assert [c.outcome for c in people.clocks("state:reported")] == [outcome]


def test_a_changed_calendar_reaches_clocks_that_run(people: People) -> None:
    people.open("pengaduan", "cs", MAIL)
    db.session.add(CalendarDay(day=date(2026, 11, 25), working=False, name="Pilkada"))
    db.session.commit()
    with at("2026-11-24 00:06"):
        assert deadline_warnings.recount() == 1
    assert (people.case.deadline, local(people.case.due_at)) == (date(2026, 12, 8), "2026-12-08 23:59:59")


def test_nobody_is_warned_again_when_the_calendar_has_given_more_time_since(people: People) -> None:
    db.session.add(DeadlinePolicy(sop="pengaduan", deadline="pojk", channel="email", amount=20, measure="working_days"))
    db.session.commit()
    people.open("pengaduan", "cs", MAIL)
    with at("2026-12-08 00:00"):
        assert deadline_warnings.watch() == 1
    db.session.add_all(CalendarDay(day=date(2026, 12, day), working=False) for day in (9, 10, 11, 14, 15, 16, 17))
    db.session.commit()
    with at("2026-12-17 00:00"):
        assert deadline_warnings.watch() == 0
    assert [action for _name, action in people.notices("deadline")] == ["pojk@50"]
    [running] = people.clocks("pojk")
    assert (running.level, running.next_at is not None) == (50, True)
    with at("2027-01-06 00:00"):
        assert deadline_warnings.watch() == 1
    assert people.clocks("pojk")[0].level == 100


def test_a_policy_that_is_taken_back_leaves_nothing_to_be_kept(people: People) -> None:
    db.session.add(DeadlinePolicy(sop="somasi", state="awaiting_cs_documents", amount=2, measure="working_days"))
    db.session.commit()
    people.open("somasi", "legal", SOMASI, "somasi")
    db.session.execute(delete(DeadlinePolicy))
    db.session.commit()
    with at("2026-12-24 00:06"):
        assert deadline_warnings.recount() == 1
    [clock_of_state] = people.clocks("state:awaiting_cs_documents")
    assert (clock_of_state.outcome, people.case.due_at) == ("void", None)
