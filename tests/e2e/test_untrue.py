"""What can't be is typed, and read about at the field: days and amounts, in the browser. Nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import Crew, Unit
from app.services.cases import transitions
from app.services.core import clock
from app.services.core.formatting import day, moment
from tests.api.stories.test_somasi import Story
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, looked_through, papers, press, send, state_is
from tests.e2e.test_callback_day import CALL
from tests.services.cases.test_transitions import REPORT, depok

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def now(live: Live) -> datetime:
    with live.app.app_context():
        return clock.now().replace(second=0, microsecond=0)


def as_read(live: Live, on: date) -> str:
    """A day or a moment in a sentence."""
    with live.app.test_request_context():
        return moment(on) if isinstance(on, datetime) else day(on)


def typed(at: date) -> str:
    """A day or a moment as people write it."""
    return f"{at:%d/%m/%Y %H.%M}" if isinstance(at, datetime) else f"{at:%d/%m/%Y}"


def refused(page: Page, key: str, sentence: str, **typed: str) -> None:
    """The sentence stands at the field and belongs to it, and all that was typed is still there."""
    send(page)
    error = page.locator(f"#field-{key}-error")
    expect(error).to_have_text(sentence)
    expect(page.locator(f"main form.card [name={key}]")).to_have_attribute(
        "aria-describedby", re.compile(rf"\bfield-{key}-error$")
    )
    for one, answer in typed.items():
        expect(page.locator(f"main form.card [name={one}]")).to_have_value(answer)
    looked_through(page)


def investigated(live: Live, outage_at: datetime) -> str:
    """The address of an outage that a crew looks into."""
    with live.app.test_request_context():
        depok()
    cso, unit = live.cast.actor("cso"), live.cast.actor("unit", unit="ULP-DPK")
    with live.app.test_request_context():
        db.session.add(Crew(code="R1", name="Regu 1", active=True, unit=db.session.query(Unit).one()))
        db.session.commit()
        pk = int(transitions.create(cso, "gangguan", REPORT | {"outage_at": typed(outage_at)}).id)
        transitions.perform(unit, "gangguan", pk, "assign_crew", {"crew": "R1"})
        transitions.perform(unit, "gangguan", pk, "investigate", {})
        db.session.remove()
    return f"{live.url}/gangguan/{pk}"


@pytest.mark.parametrize("width", [1280, 390])
def test_power_is_not_back_before_it_went(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    went = now(live) - HOUR
    case, unit = investigated(live, went), browser_page("unit", unit="ULP-DPK", width=width)
    unit.goto(case)
    press(unit, "Catat listrik nyala")
    early = {"cause": "Kabel putus", "restored_at": typed(went - HOUR)}
    fill(unit, **early, note="Sudah dicek")
    before = f"“Waktu nyala” tidak boleh sebelum “Tanggal Padam” ({as_read(live, went)})."
    refused(unit, "restored_at", before, **early, note="Sudah dicek")
    fill(unit, restored_at=typed(now(live) + HOUR))
    refused(unit, "restored_at", "“Waktu nyala” tidak boleh di masa depan.", cause="Kabel putus")
    fill(unit, restored_at=typed(went))
    send(unit)
    state_is(unit, "Nyala")


def test_no_hearing_was_held_tomorrow(live: Live, browser_page: Callable[..., Page]) -> None:
    today = now(live).date()
    story = Story(live.cast).goes_to("litigation_review")
    story.does("legal", "continue_court", "gugatan_pengadilan", court="PN Depok", court_case_number="7",
               registered_date=today.isoformat())  # fmt: skip
    legal = browser_page("legal")
    legal.goto(f"{live.url}{story.path}")
    press(legal, "Catat sidang")
    heard = {
        "hearing_date": typed(today + DAY),
        "what_happened": "Saksi diperiksa",
        "next_date": typed(today + 9 * DAY),
    }
    fill(legal, stage="mediasi", **heard)
    refused(legal, "hearing_date", "“Tanggal sidang” tidak boleh di masa depan.", stage="mediasi", **heard)
    fill(legal, hearing_date=typed(today - DAY))
    before = f"“Tanggal sidang” tidak boleh sebelum “Tanggal pendaftaran” ({as_read(live, today)})."
    refused(legal, "hearing_date", before, what_happened="Saksi diperiksa")
    fill(legal, hearing_date=typed(today))
    send(legal)
    expect(legal.locator("main")).to_contain_text("Saksi diperiksa")


def test_a_letter_is_not_dated_after_its_receipt(live: Live, browser_page: Callable[..., Page]) -> None:
    today = now(live).date()
    legal = browser_page("legal", width=390)
    legal.goto(f"{live.url}/somasi/new")
    letter = {"letter_number": "017/SOM", "letter_date": typed(today), "received_date": typed(today - DAY),
              "sender": "LBH Sejahtera", "customer_name": "Toko Mekar", "subject": "Paket hilang"}  # fmt: skip
    fill(legal, **letter)
    papers(legal, "somasi")
    after = f"“Tanggal surat” tidak boleh setelah “Tanggal diterima” ({as_read(live, today - DAY)})."
    refused(legal, "letter_date", after, **letter)
    fill(legal, letter_date=typed(today - DAY))
    send(legal)
    state_is(legal, "Menunggu dokumen CS")


def test_nobody_is_called_back_yesterday(live: Live, browser_page: Callable[..., Page]) -> None:
    cs = browser_page("cs")
    cs.goto(f"{live.url}/pengaduan/new")
    fill(cs, **CALL)
    fill(cs, identity_verified="not_in_data")
    send(cs)
    press(cs, "Jadwalkan telepon balik")
    agreed = {"callback_reason": "cut_off", "callback_at": typed(now(live) - DAY)}
    fill(cs, **agreed)
    refused(cs, "callback_at", "“Waktu telepon balik” tidak boleh di masa lalu.", **agreed)
    fill(cs, callback_at=typed(now(live) + DAY))
    send(cs)
    state_is(cs, "Dijadwalkan telepon balik")


def test_less_is_paid_than_agreed_for_a_reason_only(live: Live, browser_page: Callable[..., Page]) -> None:
    story = Story(live.cast).goes_to("responded")
    story.does("legal", "finish_compensated", "laporan_penyelesaian", agreed_amount=750_000)
    cs = browser_page("cs", width=390)
    cs.goto(f"{live.url}{story.path}")
    press(cs, "Konfirmasi pembayaran")
    papers(cs, "bukti_pembayaran")
    today = typed(now(live).date())
    fill(cs, paid_date=today, paid_amount="700.000")
    less = (
        "“Nominal yang dibayarkan (Rp)” harus sama dengan “Nominal yang disepakati (Rp)” (Rp750.000). "
        "Bila memang demikian, tulis alasannya pada catatan."
    )
    refused(cs, "paid_amount", less, paid_date=today, paid_amount="700.000")
    fill(cs, note="Dipotong ongkos kirim, disetujui pelanggan")
    send(cs)
    state_is(cs, "Selesai")
    expect(cs.locator(".timeline")).to_contain_text("Dipotong ongkos kirim")
