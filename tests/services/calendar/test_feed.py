"""The private calendar address: read back by a calendar program, worth nothing once it is given up."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from app.extensions import db
from app.models import Case, FeedToken, HearingStage
from app.services.calendar import feed
from app.services.cases import transitions
from app.services.core.access import Actor, user_named
from app.services.core.database import write_transaction
from app.services.core.errors import NotVisible
from app.services.documents.documents import Upload
from app.sop import SOPS
from tests.cast import Cast
from tests.conftest import PDF
from tests.panel.helpers import SOMASI

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10.00 in Jakarta
CALL: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini Rahasia", "phone": "0812 3344 5566", "order_id": "ORD-1",
    "identity_verified": "not_in_data", "category": "other", "complaint": "Tagihan berbeda",
}  # fmt: skip
LINKS = feed.Links(
    case=lambda sop, pk: f"https://tuntas.example/{sop.key}/{pk}",
    report=lambda quarter: f"https://tuntas.example/ojk/{quarter.year}-{quarter.number}",
)


@pytest.fixture
def inside(any_app: Flask) -> Iterator[Flask]:
    with time_machine.travel(NOW, tick=True), any_app.test_request_context():
        yield any_app


def papers(*keys: str) -> dict[str, list[Upload]]:
    return {key: [Upload(f"{key}.pdf", io.BytesIO(PDF))] for key in keys}


def in_court(app: Flask, hearing: str | None = "2026-12-01") -> Any:
    """A somasi that went to court, with its next hearing on a day."""
    people = Cast(app)
    pk = transitions.create(people.actor("legal"), "somasi", SOMASI, papers("somasi")).id
    cs, one = people.actor("cs"), people.actor("legal_litigasi_1")
    typed = {"offered_compensation": 500_000}
    wanted = ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "mom")
    transitions.perform(cs, "somasi", pk, "submit_documents", typed, papers(*wanted))
    transitions.perform(one, "somasi", pk, "accept_documents", {})
    transitions.perform(one, "somasi", pk, "submit_draft", {}, papers("draft_tanggapan", "analisis_kasus"))
    sued = {"court": "PN Jakarta Selatan", "court_case_number": "12/Pdt.G/2026", "registered_date": "2026-11-20"}
    transitions.perform(one, "somasi", pk, "continue_court", sued, papers("gugatan_pengadilan"))
    return heard(app, pk, hearing) if hearing else pk


def heard(app: Flask, pk: int, following: str, on: str = "2026-11-23") -> int:
    stage = db.session.scalars(select(HearingStage).where(HearingStage.forum == "court_hearing")).first()
    assert stage is not None
    hearing = {"stage": stage.code, "hearing_date": on, "what_happened": "Dibacakan", "next_date": following}
    transitions.perform(Cast(app).actor("legal"), "somasi", pk, "record_hearing", hearing)
    return pk


def call_back(app: Flask, at: str) -> int:
    cs = Cast(app).actor("cs")
    pk = int(transitions.create(cs, "pengaduan", CALL).id)
    transitions.perform(cs, "pengaduan", pk, "schedule_callback", {"callback_reason": "cut_off", "callback_at": at})
    return pk


def events(actor: Actor) -> dict[str, Any]:
    """The calendar as a program reads it, by summary."""
    read = Calendar.from_ical(feed.content(actor, "Tuntas", LINKS))
    return {str(event["SUMMARY"]): event for event in read.walk("VEVENT")}


def appointment(actor: Actor) -> Any:
    (found,) = (event for summary, event in events(actor).items() if "OJK" not in summary)
    return found


def test_a_hearing_is_a_day_with_its_court_and_names_nobody(inside: Flask) -> None:
    pk = in_court(inside)
    event = appointment(Cast(inside).actor("legal"))
    assert event.decoded("DTSTART") == date(2026, 12, 1)
    assert "SOM-2026-00001" in event["SUMMARY"]
    assert "PN Jakarta Selatan" in event["LOCATION"]
    assert event["URL"] == f"https://tuntas.example/somasi/{pk}"
    assert event.decoded("LAST-MODIFIED").tzinfo is not None
    calendar = feed.content(Cast(inside).actor("legal"), "Tuntas", LINKS).decode()
    assert "Budi" not in calendar
    assert "Paket" not in calendar
    assert "VALARM" not in calendar


def test_a_call_back_is_a_moment_in_utc(inside: Flask) -> None:
    call_back(inside, "2026-11-24T09:00")
    actor = Cast(inside).actor("cs")
    event = appointment(actor)
    assert event.decoded("DTSTART") == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    calendar = feed.content(actor, "Tuntas", LINKS)
    assert b"DTSTART:20261124T020000Z" in calendar
    assert b"Rahasia" not in calendar


def test_what_was_put_off_is_gone_and_what_took_place_stays(inside: Flask) -> None:
    pk = in_court(inside, "2026-12-01")
    before = appointment(Cast(inside).actor("legal"))["UID"]
    assert appointment(Cast(inside).actor("legal"))["UID"] == before, "the same each time"
    heard(inside, pk, "2026-12-08")
    assert appointment(Cast(inside).actor("legal")).decoded("DTSTART") == date(2026, 12, 8), "put off before its day"
    with time_machine.travel(datetime(2026, 12, 8, 6, tzinfo=UTC)):
        heard(inside, pk, "2026-12-22", on="2026-12-08")
        read = Calendar.from_ical(feed.content(Cast(inside).actor("legal"), "Tuntas", LINKS))
    assert sorted(event.decoded("DTSTART") for event in read.walk("VEVENT")) == [date(2026, 12, 8), date(2026, 12, 22)]


def test_three_months_back_and_no_further(inside: Flask) -> None:
    in_court(inside, "2026-12-01")
    for day, there in (("2027-03-01", True), ("2027-03-02", False)):
        with time_machine.travel(datetime.fromisoformat(f"{day}T03:00+00:00")):
            assert bool(events(Cast(inside).actor("legal"))) is there


def test_what_is_closed_has_nothing_ahead(inside: Flask) -> None:
    pk = in_court(inside, "2026-12-01")
    actor = Cast(inside).actor("legal")
    transitions.perform(actor, "somasi", pk, "conclude", {"outcome": "won"}, papers("laporan_penyelesaian"))
    assert events(actor) == {}


def test_only_the_procedures_that_its_owner_sees_now(inside: Flask) -> None:
    in_court(inside)
    call_back(inside, "2026-11-24T09:00")
    people = Cast(inside)
    assert sorted(summary.split()[-1][:3] for summary in events(people.actor("cs"))) == ["PGD", "SOM"]
    assert events(people.actor("unit", unit="ulp_menteng")) == {}
    secret = feed.make(people.actor("legal"))
    assert len(events(feed.owner_of(secret))) == 1
    with write_transaction():
        user_named("legal").roles = [inside.appbuilder.sm.find_role("QCO")]  # type: ignore[attr-defined]
    assert events(feed.owner_of(secret)) == {}


def test_another_units_case_is_not_in_it(inside: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No procedure with a calendar is limited to units today; one that will be must keep to it."""
    pk, people = in_court(inside), Cast(inside)
    monkeypatch.setitem(vars(SOPS["somasi"]), "unit_roles", ("Legal",))
    ours, theirs = (people.actor(f"legal_{unit}", "legal", unit=unit) for unit in ("menteng", "elsewhere"))
    with write_transaction() as session:
        session.execute(update(Case.__table__).where(Case.__table__.c.id == pk).values(unit_id=ours.unit_id))
    assert len(events(ours)) == 1
    assert events(theirs) == {}


def test_the_day_of_the_report_to_ojk_for_who_may_have_it(inside: Flask) -> None:
    found = events(Cast(inside).actor("supervisor"))
    days = sorted(event.decoded("DTSTART") for event in found.values())
    assert days == [date(2026, 10, 10), date(2027, 1, 10), date(2027, 4, 10)]
    assert events(Cast(inside).actor("legal")) == {}


def test_only_a_digest_is_kept_and_a_new_address_ends_the_old_one(inside: Flask) -> None:
    actor = Cast(inside).actor("legal")
    first = feed.make(actor)
    assert feed.owner_of(first).id == actor.id
    second = feed.make(actor)
    assert db.session.scalars(select(FeedToken.digest)).all() == [hashlib.sha256(second.encode()).hexdigest()]
    with pytest.raises(NotVisible):
        feed.owner_of(first)
    feed.revoke(actor)
    for secret in (second, "", "x" * 5000, "\x00"):
        with pytest.raises(NotVisible):
            feed.owner_of(secret)


def test_an_inactive_owner_has_no_calendar(inside: Flask) -> None:
    secret = feed.make(Cast(inside).actor("legal"))
    with write_transaction():
        user_named("legal").active = False
    with pytest.raises(NotVisible):
        feed.owner_of(secret)


def test_its_use_is_noted_once_an_hour(inside: Flask) -> None:
    actor = Cast(inside).actor("legal")
    secret = feed.make(actor)

    def used() -> Any:
        db.session.expire_all()
        return feed.made(actor).used_at  # type: ignore[union-attr]

    assert used() is None
    feed.owner_of(secret)
    first = used()
    with time_machine.travel(NOW + timedelta(minutes=50)):
        feed.owner_of(secret)
        assert used() == first
    with time_machine.travel(NOW + timedelta(minutes=70)):
        feed.owner_of(secret)
        assert used() > first
