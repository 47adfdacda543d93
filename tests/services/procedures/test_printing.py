"""The printed procedure: all of it, in the reader's language, and nothing in it is markup."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale

from app.services.procedures.printing import printed
from app.sop import SOPS
from app.workflow.declaration import Field, Sheet, Sop
from app.workflow.sheet import Change
from app.workflow.texts import spoken_in
from tests.conftest import missing_part

NASTY = '#import "x" *bold* $x$ [a] @ref `kode` #panic("!")'
SHEET = Sheet("CS-12", 2, date(2026, 12, 1), NASTY, "", "Citra", (Change(2, "Second reader", date(2026, 11, 20)),))
#: Headings, a step, an answer, a document, a deadline, a role.
SAID = {
    "id": ("Langkah-langkah", "Siapa mengerjakan apa", "Tenggat", "Catat somasi masuk", "Nomor surat", "Bukti POD",
           "Tenggat dalam surat", "Legal Litigasi 2"),
    "en": ("Steps", "Who does what", "Deadlines", "Record an incoming somasi", "Letter number",
           "Proof of delivery (POD)",
           "Deadline of the letter", "Legal Litigasi 2"),
}  # fmt: skip


def read(app: Flask, sop: Sop, language: str) -> str:
    if not shutil.which("pdftotext"):
        missing_part("pdftotext (poppler-utils)")
    with app.test_request_context(), force_locale(language):
        pdf = printed(sop)
    found = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return found.stdout.decode()


@pytest.mark.parametrize("language", SAID)
def test_it_carries_steps_deadlines_and_roles_in_the_readers_language(app: Flask, language: str) -> None:
    text = read(app, SOPS["somasi"], language)
    for said in SAID[language]:
        assert said in text, said


@pytest.mark.parametrize("sop", SOPS.values(), ids=lambda sop: sop.key)
def test_every_procedure_can_be_printed(app: Flask, sop: Sop) -> None:
    text = read(app, sop, "en")
    with spoken_in("en"):
        assert [step.key for step in sop.transitions if str(step.label).split()[0] not in text] == []


def test_its_control_sheet_stands_at_the_head_and_is_no_markup(app: Flask) -> None:
    text = read(app, replace(SOPS["somasi"], sheet=SHEET), "en")
    for said in ("CS-12 · Revision 2", "Citra", "Second reader", NASTY):
        assert said in text
    assert "Checked by" not in text


def test_a_step_longer_than_a_page_goes_on_on_the_next(app: Flask) -> None:
    sop = SOPS["somasi"]
    many = tuple(Field(f"answer_{n}", f"Answer {n:03}", help="It is asked of everybody.") for n in range(150))
    steps = tuple(replace(step, fields=many) if step.creates else step for step in sop.transitions)
    text = read(app, replace(sop, transitions=steps), "en")
    assert [n for n in range(150) if f"Answer {n:03}" not in text] == []
