"""Lists in a browser: how much of them one sees, and how few pages it takes to do the same on many cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import insert, select, update

from app.extensions import db
from app.models import Case, Crew, Event, Unit
from app.models.derive import case_model
from app.services.cases import assignment, transitions
from app.services.core import clock
from app.sop import SOPS
from tests.api.stage import fill_master_data, walker
from tests.e2e.conftest import Live
from tests.e2e.gestures import examined
from tests.services.cases.test_transitions import REPORT, depok

#: Longer than any column is wide.
SUBJECT = "Tagihan bulan ini naik dua kali lipat padahal pemakaian sama seperti bulan-bulan sebelumnya " * 2
LATE_HOURS = 3


@pytest.fixture
def outages(live: Live) -> list[int]:
    """31 outages of one unit that wait for a crew, and a crew."""
    cso = live.cast.actor("cso")
    with live.app.test_request_context():
        depok()
        unit = db.session.scalars(select(Unit)).one()
        db.session.add(Crew(code="R1", name="Regu Satu", unit=unit, active=True))
        db.session.commit()
        made = [transitions.create(cso, "gangguan", REPORT | {"name": f"Warga {n:02}"}).id for n in range(31)]
        db.session.remove()
    return made


def unit_page(browser_page: Callable[..., Page], name: str) -> Page:
    return browser_page(name, "unit", unit="ULP-DPK")


@contextmanager
def loads(page: Page, most: int) -> Iterator[None]:
    """Inside, no more than ``most`` pages are loaded."""
    seen: list[str] = []

    def heard(loaded: Page) -> None:
        seen.append(loaded.url)

    page.on("load", heard)
    yield
    page.wait_for_load_state("load")
    page.remove_listener("load", heard)
    assert len(seen) <= most, seen


def boxes(page: Page) -> Locator:
    return page.locator(".cases input[data-steps]")


def steps_of(live: Live, case: int, key: str) -> int:
    with live.app.app_context():
        return len(db.session.scalars(select(Event.id).where(Event.case_id == case, Event.action == key)).all())


def test_five_are_taken_in_two_loads(live: Live, outages: list[int], browser_page: Callable[..., Page]) -> None:
    page = unit_page(browser_page, "anisa")
    with loads(page, 2):
        page.goto(f"{live.url}/gangguan/")
        for at in range(5):
            boxes(page).nth(at).check()
        expect(page.get_by_text("5 kasus dipilih")).to_be_visible()
        page.get_by_role("button", name="Ambil", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="5 kasus berhasil")).to_be_visible()
    expect(page.locator(".cases tbody").get_by_text("Anisa Uji")).to_have_count(5)
    # What is not possible for all that are chosen is not offered: one cannot take what one has.
    boxes(page).nth(0).check()
    expect(page.get_by_role("button", name="Ambil", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Lepaskan")).to_be_visible()


def test_a_crew_for_thirty_in_two_loads(live: Live, outages: list[int], browser_page: Callable[..., Page]) -> None:
    """One of them is moved on by somebody else in between; the others are done all the same, and nothing twice."""
    page = unit_page(browser_page, "anisa")
    with loads(page, 2):
        page.goto(f"{live.url}/gangguan/?state=reported&psize_GangguanView=50")
        page.get_by_role("checkbox", name="Pilih semua di halaman ini").check()
        expect(page.get_by_text("31 kasus dipilih")).to_be_visible()
        page.get_by_role("button", name="Tugaskan regu").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        found = examined(page)
        assert [one["id"] for one in found["violations"]] == []
        # What is missing is said in the dialog, and nothing is lost.
        dialog.get_by_label("Catatan").fill("Regu pagi")
        dialog.get_by_role("button", name="Tugaskan regu").click()
        expect(dialog.get_by_role("alert")).to_contain_text("Regu")
        expect(dialog.get_by_label("Catatan")).to_have_value("Regu pagi")
        with live.app.test_request_context():
            budi = live.cast.actor("budi", "unit", unit="ULP-DPK")
            moved = transitions.perform(budi, "gangguan", outages[3], "assign_crew", {"crew": "R1"}).number
            db.session.remove()
        dialog.get_by_label("Regu").select_option(label="Regu Satu")
        dialog.get_by_role("button", name="Tugaskan regu").dblclick()
        told = page.get_by_role("status").filter(has_text="30 kasus berhasil, 1 ditolak")
        expect(told).to_be_visible()
    expect(told.get_by_role("listitem")).to_contain_text([moved])
    expect(told.get_by_role("listitem")).to_contain_text(["Budi Uji"])
    page.reload()
    expect(page.get_by_role("status").filter(has_text="30 kasus berhasil")).to_be_visible()
    assert [steps_of(live, pk, "assign_crew") for pk in outages] == [1] * 31

    # A step without a form, pressed twice; then back and forth.
    page.goto(f"{live.url}/gangguan/?state=crew_assigned&psize_GangguanView=50")
    page.get_by_role("checkbox", name="Pilih semua di halaman ini").check()
    page.get_by_role("button", name="Berangkatkan regu").dblclick()
    expect(page.get_by_role("status").filter(has_text="31 kasus berhasil")).to_be_visible()
    page.go_back()
    page.go_forward()
    page.reload()
    assert [steps_of(live, pk, "depart") for pk in outages] == [1] * 31


def test_refused_ones_stay_chosen_and_a_second_tab_does_nothing_twice(
    live: Live, outages: list[int], browser_page: Callable[..., Page]
) -> None:
    page = unit_page(browser_page, "anisa")
    page.goto(f"{live.url}/gangguan/?psize_GangguanView=50")
    other = page.context.new_page()
    other.goto(page.url)
    with live.app.test_request_context():
        assignment.take(live.cast.actor("budi", "unit", unit="ULP-DPK"), "gangguan", outages[0])
        db.session.remove()
    for at in (0, 1):
        page.locator(f".cases input[value^='{outages[at]}:']").check()
    page.get_by_role("button", name="Ambil", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="1 kasus berhasil, 1 ditolak")).to_contain_text("Budi Uji")
    assert [one.input_value().split(":")[0] for one in page.locator(".cases input[data-steps]:checked").all()] in (
        [], [str(outages[0])],
    )  # fmt: skip
    # The other tab still shows them as they were.
    other.locator(f".cases input[value^='{outages[1]}:']").check()
    other.get_by_role("button", name="Ambil", exact=True).click()
    expect(other.get_by_role("status").filter(has_text="kasus berhasil")).to_be_visible()
    assert steps_of(live, outages[1], "take") == 1


def test_without_a_script(live: Live, outages: list[int], browser_page: Callable[..., Page]) -> None:
    """The same by pages of forms."""
    signed_in = unit_page(browser_page, "anisa")
    context = signed_in.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, locale="id-ID", storage_state=signed_in.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"{live.url}/gangguan/")
    for at in range(2):
        boxes(page).nth(at).check()
    page.get_by_role("button", name="Tugaskan regu").click()
    page.get_by_label("Regu").select_option(label="Regu Satu")
    page.get_by_role("button", name="Tugaskan regu").click()
    expect(page.get_by_role("status").filter(has_text="2 kasus berhasil")).to_be_visible()
    page.get_by_label("Status", exact=True).select_option("crew_assigned")
    page.get_by_role("search", name="Saring daftar ini").get_by_role("button", name="Cari").first.click()
    expect(page.locator(".cases tbody tr")).to_have_count(2)
    context.close()


def test_fourteen_rows_in_sight_and_nothing_cut_off(live: Live, browser_page: Callable[..., Page]) -> None:
    """At 1280 × 800 for every SOP; on a phone the first case is on the first screen. A reader's own columns stay."""
    fill_master_data(live.app)
    for key in SOPS:
        walker(live.cast, key, lambda: None).create()
        with live.app.app_context():
            copied(key, 17)
    page = browser_page("admin")
    page.set_viewport_size({"width": 1280, "height": 800})
    for key in SOPS:
        page.goto(f"{live.url}/{key}/")
        rows = page.locator(".cases tbody tr")
        assert rows.count() >= 18, key
        seen = rows.evaluate_all("rows => rows.filter(r => r.getBoundingClientRect().bottom <= innerHeight).length")
        assert seen >= 14, key
        assert nothing_sticks_out(page), key
        assert page.locator("input[type=search]:visible").count() <= 2, "the frame's and the list's"
        expect(page.locator(".cases thead")).to_contain_text("Status")
        found = examined(page)
        assert [one["id"] for one in found["violations"]] == [], key
    page.goto(f"{live.url}/pengaduan/")
    expect(page.locator(".cases tbody tr").first).to_contain_text(f"terlambat {LATE_HOURS} jam")

    page.emulate_media(media="print")
    expect(page.locator(".cases tbody tr").first).to_be_visible()
    expect(page.locator(".topbar")).to_be_hidden()
    page.emulate_media(media="screen")

    # The head stays while one scrolls; columns are chosen, and kept.
    page.locator(".cases tbody tr").last.scroll_into_view_if_needed()
    assert page.locator(".cases thead th").first.bounding_box()["y"] >= 0  # type: ignore[index]
    page.get_by_text("Kolom", exact=True).click()
    page.get_by_role("checkbox", name="Pemegang").uncheck()
    page.get_by_role("checkbox", name="Order ID").check()
    page.get_by_role("button", name="Tampilkan").first.click()
    expect(page.locator(".cases thead")).to_contain_text("Order ID")
    expect(page.locator(".cases thead")).not_to_contain_text("Pemegang")

    page.set_viewport_size({"width": 390, "height": 844})
    for key in SOPS:
        page.goto(f"{live.url}/{key}/")
        first = page.locator(".cases tbody tr").first.bounding_box()
        assert first is not None
        assert first["y"] + first["height"] < 844 / 3, key
        assert first["height"] <= 76, "two lines"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), key


def nothing_sticks_out(page: Page) -> bool:
    """Neither over the edge of the screen nor over that of the table."""
    return bool(
        page.evaluate("""() => {
        const table = document.querySelector('.list-table');
        return document.documentElement.scrollWidth <= innerWidth && table.scrollWidth <= table.clientWidth;
    }""")
    )


def copied(sop: str, times: int) -> None:
    """So many more cases like the newest of the SOP, with a long subject, the oldest of them late by some hours."""
    general, own = Case.__table__, case_model(sop).__table__
    newest = select(general).where(general.c.sop == sop).order_by(general.c.id.desc()).limit(1)
    first = dict(db.session.execute(newest).mappings().one())
    answers = dict(db.session.execute(select(own).where(own.c.id == first["id"])).mappings().one())
    for n in range(times):
        new = {key: value for key, value in first.items() if key != "id"} | {
            "number": f"{first['number']}{n}",
            "submission": None,
        }
        pk = db.session.execute(insert(general).values(**new)).inserted_primary_key[0]  # type: ignore[index]
        db.session.execute(insert(own).values(**answers | {"id": pk}))
    long = {"title": SUBJECT[:255], "reporter_name": "Raden Mas Haryo Suryadiningrat Kusumawardhana"}
    db.session.execute(update(general).where(general.c.sop == sop).values(**long))
    if sop == "pengaduan":
        due = clock.now() - timedelta(hours=LATE_HOURS, minutes=20)
        db.session.execute(update(general).where(general.c.id == first["id"]).values(due_at=due))
    db.session.commit()
