"""The printed form: what people typed stays what they typed, in PDF and in DOCX."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docx import Document as Docx
from flask import Flask
from flask_babel import force_locale

from app.extensions import db
from app.models import Event
from app.services.documents import printing
from app.sop import SOPS
from app.sop.documents import surroundings
from tests.conftest import missing_part
from tests.services.retention.keeping import Stage

#: Everything that typst, Jinja, XML or Word would take for its own.
NASTY = '#import "x" *bold* _it_ {{ 7*7 }} {% raw %} <b>tebal</b> "kutip" & \'q\' $x$ [a] \\ @ref `kode` #panic("!") é'
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU"
    b"\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
)
EMOJI = "marah 😡"
CONTROL = "sebelum\x07\x0c\x01\x1bsesudah"


def case(**answers: Any) -> Any:
    """A hard complaint at its end, without a database."""
    sop = SOPS["hard_complaint"]
    at = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
    known = dict.fromkeys(sop.fields) | {
        "program": "pranpc", "source": "147", "received_by": "whatsapp", "requester_name": "Petugas 147",
        "customer_number": "0217788990", "complaint_date": date(2026, 11, 20), "criterion": "impolite_agent",
        "complaint": "Baris satu\nbaris dua", "call_at": at, "agent": "Agent 0233", "recording_seconds": 754,
        "found_recording": True, "arrears": 1_250_000, "finding": "proven", "analysed_by": "Citra Lestari",
        "analysed_at": at, "validated_by": "Dimas Nugroho", "validated_at": at,
    }  # fmt: skip
    rows = [SimpleNamespace(position=45, speaker="customer", said="Menolak penawaran")]
    own = {
        "id": 0, "number": "HC-2026-00017", "sop": sop.key, "revision": sop.revision, "state": "reply",
        "created_at": at, "chronology": rows, "repeat_contacts": [],
    }  # fmt: skip
    return SimpleNamespace(**own | known | answers)


def in_pdf(pdf: bytes) -> str:
    if not shutil.which("pdftotext"):
        missing_part("pdftotext (poppler-utils)")
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return read.stdout.decode()


def in_docx(docx: bytes) -> str:
    document = Docx(io.BytesIO(docx))
    tables = [*document.sections[0].header.tables, *document.tables]
    footer = [paragraph.text for paragraph in document.sections[0].footer.paragraphs]
    return "\n".join([*(cell.text for table in tables for row in table.rows for cell in row.cells), *footer])


READ = {"pdf": in_pdf, "docx": in_docx}
kinds = pytest.mark.parametrize("kind", list(READ))


def printed(app: Flask, kind: str, **answers: Any) -> str:
    with app.app_context():
        return READ[kind](printing.render("hard_complaint", kind, case(**answers)))


@kinds
def test_everything_is_on_it(app: Flask, kind: str) -> None:
    text = printed(app, kind)
    for said in (
        "OB.IN.QCC.TELK.F-01.Rev.00", "FORM HARD KOMPLAIN", "HC-2026-00017", "Petugas 147", "0217788990", "20 Nov 2026",
        "baris dua", "Agent 0233", "12:34", "Rp1.250.000", "00:45", "Menolak penawaran", "Citra Lestari",
        "Dimas Nugroho", "23 Nov 2026 14.05 WIB", "belum",
        "OB.IN.OCC.TELK.W-02.Rev.00, revisi 0", "berlaku sejak 13 Okt 2022",
    ):  # fmt: skip
        assert said in " ".join(text.split()), said


@kinds
def test_the_end_of_the_history_stands_in_the_foot(stage: Stage, kind: str) -> None:
    case = stage.case()
    newest = db.session.query(Event).filter_by(case_id=case.id).order_by(Event.seq.desc()).first()
    text = " ".join(READ[kind](printing.render("hard_complaint", kind, case)).split())
    assert f"Riwayat: {newest.seq}-{newest.hash[:16]}." in text


def test_so_it_does_on_a_letter(stage: Stage) -> None:
    case = stage.case()
    content = printing.content_of(case) | {"company": ""}
    blank = {"label": "", "text": "x", "there": True, "choices": []}
    keys = ("name", "postal_address", "email", "extended_at", "extension_days", "deadline", "extension_reason",
            "extended_by")  # fmt: skip
    letter = printing.typeset(
        printing.LETTERS / "extension_notice.typ", case=content | {"fields": dict.fromkeys(keys, blank)}
    )
    assert f"Riwayat: {printing.head_of(case)}" in " ".join(in_pdf(letter).split())


@kinds
def test_it_is_indonesian_whoever_prints_it(app: Flask, kind: str) -> None:
    with app.app_context(), force_locale("en"):
        text = READ[kind](printing.render("hard_complaint", kind, case()))
    assert "Agent berkata tidak sopan" in text
    assert "14.05 WIB" in text


def test_the_boxes_that_apply_are_ticked(app: Flask) -> None:
    text = printed(app, "docx")
    assert "☒ Pra Non-Produktif Customer" in text
    assert "☐ Change Tarif-0" in text
    assert "☒ Ditemukan" in text
    assert "☒ Agent berkata tidak sopan" in text


@kinds
@pytest.mark.parametrize("key", ["customer_name", "complaint", "customer_profile", "agent", "validated_by"])
def test_what_people_typed_is_never_markup(app: Flask, kind: str, key: str) -> None:
    text = " ".join(printed(app, kind, **{key: NASTY}).split())
    for said in NASTY.split():
        assert said in text, said
    assert "49" not in text


@kinds
def test_nor_is_it_in_the_chronology(app: Flask, kind: str) -> None:
    rows = [SimpleNamespace(position=5, speaker="agent", said=NASTY)] * 40
    text = printed(app, kind, chronology=rows)
    assert text.count("#panic") == 40


@kinds
def test_characters_that_no_paper_can_carry_are_left_out(app: Flask, kind: str) -> None:
    text = printed(app, kind, complaint=CONTROL + EMOJI)
    assert "sebelumsesudahmarah" in text


@kinds
def test_nothing_found(app: Flask, kind: str) -> None:
    empty = dict.fromkeys(("call_at", "agent", "recording_seconds", "arrears", "finding"))
    text = printed(app, kind, found_recording=False, chronology=[], **empty)
    assert "Sudah dicari di" in text
    assert "Tidak ada kronologis." in text
    assert "Tanggal dan jam panggilan" not in text


def test_the_organisation_is_in_the_head(make_app, tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    picture.write_bytes(PNG)
    app = make_app(COMPANY_NAME="PT Contoh & Anak", COMPANY_LOGO=str(picture))
    assert "PT Contoh & Anak" in " ".join(printed(app, "pdf").split())
    assert "PT Contoh & Anak" in printed(app, "docx")
    with app.app_context():
        made = printing.render("hard_complaint", "docx", case())
        with zipfile.ZipFile(io.BytesIO(made)) as parts:
            assert PNG in [parts.read(name) for name in parts.namelist()]
        assert b"/Subtype/Image" in printing.render("hard_complaint", "pdf", case()).replace(b" ", b"")


@pytest.mark.parametrize("entries", [1, 2, 3, 14, 15, 16, 17, 18, 19, 20])
def test_signatures_never_stand_alone_on_a_page(app: Flask, entries: int) -> None:
    rows = [SimpleNamespace(position=at, speaker="agent", said="Menanyakan tagihan") for at in range(entries)]
    pages = printed(app, "pdf", chronology=rows).rstrip("\f").split("\f")
    assert "Disusun oleh QCO" in pages[-1]
    assert "Menanyakan tagihan" in pages[-1]
    assert sum(page.count("Menanyakan tagihan") for page in pages) == entries


def test_what_belongs_together_stays_together_in_word(app: Flask) -> None:
    rows = [SimpleNamespace(position=at, speaker="agent", said=f"Kalimat {at}") for at in range(4)]
    with app.app_context():
        document = Docx(io.BytesIO(printing.render("hard_complaint", "docx", case(chronology=rows))))
    chronology = document.tables[4]
    kept = [row.cells[3].paragraphs[0].paragraph_format.keep_with_next for row in chronology.rows]
    assert kept == [None, None, None, True, True]
    assert document.tables[5].rows[0].cells[0].paragraphs[0].paragraph_format.keep_with_next
    for table in (*document.sections[0].header.tables, *document.tables):
        first = table.rows[0].cells
        assert [column.width for column in table.columns] == [cell.width for cell in first], "LibreOffice goes by them"


def test_a_form_without_a_template_is_an_error(app: Flask) -> None:
    with app.app_context(), pytest.raises(FileNotFoundError):
        printing.render("no_such_form", "pdf", case())


def test_what_a_document_may_attach_has_its_template(app: Flask) -> None:
    forms = surroundings(SOPS).forms
    there = {f"{form}.{printing.KINDS[kind][0]}" for form, kinds in forms.items() for kind in kinds}
    assert there == {path.name for path in printing.LETTERS.iterdir()}


def complaint(**answers: Any) -> Any:
    """An extended complaint, without a database."""
    sop = SOPS["pengaduan"]
    at = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
    known = dict.fromkeys(sop.fields) | {
        "name": "Nur Aini", "extension_reason": "Menunggu bank", "extension_days": 10, "extended_at": at,
        "extended_by": "Dian Pratiwi", "deadline": date(2027, 1, 22),
    }  # fmt: skip
    own = {
        "id": 0, "number": "PGD-261123-00001", "sop": sop.key, "revision": sop.revision, "state": "open",
        "created_at": at, "callbacks": [], "repeat_contacts": [],
    }  # fmt: skip
    return SimpleNamespace(**own | known | answers)


@pytest.mark.parametrize("to", [{"postal_address": "Jl. Mawar 1\nDepok #16431"}, {"email": "nur@contoh.example"}])
def test_the_letter_on_an_extension_says_to_whom_until_when_and_why(app: Flask, to: dict[str, str]) -> None:
    with app.app_context():
        text = " ".join(in_pdf(printing.render("extension_notice", "pdf", complaint(**to))).split())
    for said in (
        "Kepada Yth. Nur Aini", " ".join(" ".join(to.values()).split()), "PGD-261123-00001", "22 Jan 2027",
        "Menunggu bank", "10 hari kerja", "23 Nov 2026", "Dian Pratiwi",
    ):  # fmt: skip
        assert said in text, said
