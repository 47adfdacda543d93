"""Every form of an admin but that of users, filled in a browser, which checks before anything is sent.

A report of APKT comes in by the command line alone (``import-apkt``); there is no form for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import Unit
from app.services.cases import transitions
from app.services.core import clock
from tests.e2e.conftest import Live
from tests.e2e.gestures import answer, choose_from_menu, entry_of, labelled, looked_through, save
from tests.services.deadlines.test_clocks import MAIL

WIDTHS = pytest.mark.parametrize("width", [1280, 390])
MENU = "Pengaturan"
Answers = dict[str, str | bool]
#: Entry of the menu, what its button says, a new row, and what is changed of it afterwards.
TABLES: tuple[tuple[str, str, Answers, Answers], ...] = (
    ("Unit", "Unit baru", {"Kode": "JYP", "Nama": "Jayapura", "Zona waktu": "WIT"}, {"Nama": "Jayapura Kota"}),
    ("Posko", "Posko baru", {"Kode": "P1", "Nama": "Posko Satu", "Unit": "Bandung"}, {"Nama": "Posko Dua"}),
    ("Regu", "Regu baru", {"Kode": "R1", "Nama": "Regu Satu", "Unit": "Bandung"}, {"Aktif": False}),
    (
        "Tahapan sidang", "Tahapan sidang baru",
        {"Jenis sidang": "Sidang pengadilan", "Kode": "sela", "Nama": "Putusan sela", "Urutan": "7"}, {"Urutan": "0"},
    ),
    ("Staf CS", "Staf baru", {"Kode": "M", "Nama": "Tim malam", "Pengguna": "Admin Uji"}, {"Pengguna": "– pilih –"}),
    (
        "Kategori pengaduan", "Kategori pengaduan baru",
        {"Kode": "poin", "Nama": "Poin hadiah", "Boleh langsung dijawab": True, "Urutan": "3"},
        {"Boleh langsung dijawab": False},
    ),
)  # fmt: skip


@pytest.fixture
def unit(live: Live) -> None:
    with live.app.app_context():
        db.session.add(Unit(code="BDG", name="Bandung", active=True))
        db.session.commit()


def there(page: Page, given: Answers) -> None:
    """The form that is open has these answers."""
    for label, value in given.items():
        field = labelled(page, label)
        if isinstance(value, bool):
            expect(field).to_be_checked(checked=value)
        elif field.evaluate("e => e.tagName") == "SELECT":
            assert field.evaluate("e => e.selectedOptions[0].label") == value
        else:
            expect(field).to_have_value(value)


def edit(page: Page, name: str) -> None:
    entry_of(page, name).get_by_role("link", name="Ubah").click()


def delete(page: Page, name: str) -> None:
    page.once("dialog", lambda dialog: dialog.accept())
    entry_of(page, name).get_by_role("button", name="Hapus").click()
    expect(entry_of(page, name)).to_have_count(0)


@WIDTHS
@pytest.mark.usefixtures("unit")
def test_master_data(browser_page: Callable[..., Page], width: int) -> None:
    admin = browser_page("admin", width=width)
    # They are generated alike: at a desk one of them stands for all.
    for entry, button, new, changed in TABLES[:1] if width == 1280 else TABLES:
        choose_from_menu(admin, MENU, entry)
        admin.get_by_role("link", name=button).click()
        looked_through(admin)
        answer(admin, new)
        save(admin)
        code = str(new["Kode"])
        edit(admin, code)
        there(admin, new | {"Aktif": True})
        answer(admin, changed)
        save(admin)
        edit(admin, code)
        there(admin, new | changed)
        save(admin)
        delete(admin, code)


@WIDTHS
def test_a_deadline_policy(browser_page: Callable[..., Page], width: int) -> None:
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, MENU, "Tenggat")
    admin.get_by_role("link", name="Kebijakan baru").click()
    looked_through(admin)
    new: Answers = {
        "Yang dibatasi": "Lama dalam “Tercatat”", "Berapa lama": "3", "Satuan": "Jam kerja",
        "Cuti bersama dihitung sebagai hari libur": False, "Diberi tahu bila tenggat lewat": "Supervisor",
    }  # fmt: skip
    answer(admin, new)
    save(admin)
    edit(admin, "3 jam kerja, cuti bersama dihitung hari kerja")
    there(admin, new)
    answer(admin, {"Berapa lama": "2", "Satuan": "Hari kalender", "Aktif": False})
    save(admin)
    delete(admin, "2 hari kalender")


@WIDTHS
@pytest.mark.usefixtures("unit")
def test_a_calendar_day(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    with live.app.app_context():
        day = date(clock.today().year, 2, 3)
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, MENU, "Hari kalender")
    admin.get_by_role("link", name="Hari baru").click()
    looked_through(admin)
    new: Answers = {"Hari": day.isoformat(), "Unit": "Bandung", "Pada tanggal itu": "Hari libur", "Nama": "HUT kota"}
    answer(admin, new)
    save(admin)
    edit(admin, "HUT kota")
    there(admin, new | {"Hari": f"{day:%d/%m/%Y}"})
    answer(admin, {"Pada tanggal itu": "Hari kerja", "Nama": "Piket"})
    save(admin)
    looked_through(admin)
    delete(admin, "Piket")


@WIDTHS
@pytest.mark.usefixtures("unit")
def test_working_hours(browser_page: Callable[..., Page], width: int) -> None:
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, MENU, "Jam kerja")
    admin.get_by_role("link", name="Jam kerja baru").click()
    looked_through(admin)
    answer(admin, {"Unit": "Bandung", "Jumat": False, "Sabtu": True, "Dari": "07:30", "Sampai": "16:00"})
    save(admin)
    expect(admin.locator("main tbody tr:not(.group)")).to_have_count(5)
    edit(admin, "Sabtu")
    there(admin, {"Hari dalam seminggu": "Sabtu", "Dari": "07.30", "Sampai": "16.00"})
    answer(admin, {"Hari dalam seminggu": "Minggu", "Sampai": "12:00"})
    save(admin)
    looked_through(admin)
    delete(admin, "Minggu")


@WIDTHS
def test_a_table_of_customers(browser_page: Callable[..., Page], width: int) -> None:
    table = "Nama;Telepon;Order ID;Tagihan\nNur Aini;0812 3344 5566;ORD-1;1.250.000\n;0812;ORD-2;\n"
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, "Kasus", "Pelanggan")
    admin.get_by_role("link", name="Muat data pelanggan dari berkas").click()
    looked_through(admin)
    labelled(admin, "Tabel pelanggan (CSV)").set_input_files(
        [{"name": "pelanggan.csv", "mimeType": "text/csv", "buffer": table.encode()}]
    )
    admin.get_by_role("button", name="Tampilkan yang akan berubah").click()
    expect(admin.get_by_role("heading", name="pelanggan.csv")).to_be_visible()
    expect(admin.locator("main")).to_contain_text("ORD-2")
    looked_through(admin)
    admin.get_by_role("button", name="Muat", exact=True).click()
    expect(admin.locator("main [role=log]")).to_contain_text("1 baris")
    looked_through(admin)
    admin.get_by_role("link", name="Ke daftar pelanggan").click()
    expect(entry_of(admin, "ORD-1")).to_contain_text("Nur Aini")


def test_too_large_a_table_is_refused_before_it_is_sent(live: Live, browser_page: Callable[..., Page]) -> None:
    admin = browser_page("admin")
    admin.goto(f"{live.url}/customers/load")
    chosen = labelled(admin, "Tabel pelanggan (CSV)")
    much = bytes(live.app.config["UPLOAD_MAX_BYTES"] + 1)
    chosen.set_input_files([{"name": "pelanggan.csv", "mimeType": "text/csv", "buffer": much}])
    assert chosen.evaluate("e => e.validationMessage") == "Ukuran berkas melebihi batas 2 MB."


@WIDTHS
def test_retention(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    cs = live.cast.actor("cs")
    with live.app.test_request_context():
        number = str(transitions.create(cs, "pengaduan", MAIL).number)
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, "Laporan", "Masa simpan")
    looked_through(admin)
    answer(admin, {"Nomor": number, "Alasan": "Perkara berjalan"})
    admin.get_by_role("button", name="Pasang penahanan").click()
    expect(admin.get_by_role("status")).to_contain_text("Penahanan sudah dipasang.")
    looked_through(admin)
    answer(admin, {f"Alasan mencabut penahanan {number}": "Perkara selesai"})
    admin.get_by_role("button", name="Cabut").click()
    expect(admin.get_by_role("status")).to_contain_text("Penahanan sudah dicabut.")

    years = admin.locator("#years-somasi-")
    admin.locator("summary", has_text="Somasi").click()
    years.fill("7")
    years.press("Enter")
    expect(admin.get_by_role("status")).to_contain_text("Masa simpan disimpan.")
    expect(years).to_have_value("7")
