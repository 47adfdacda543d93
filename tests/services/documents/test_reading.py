"""The text of a document for the preview: all that is written, nothing that runs, no more than fits."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import docx
import pytest
from flask import Flask

from app.models import Document
from app.services.core.errors import WrongContent
from app.services.documents import reading, storage

BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&b;</w:t></w:r>
</w:p></w:body></w:document>"""


def stored(content: bytes, content_type: str = reading.DOCX) -> Document:
    taken = storage.take_in(io.BytesIO(content), 64 << 20)
    return Document(type="x", filename="x", content_type=content_type, size=taken.size, storage_key=taken.key,
                    uploaded_at=datetime.now(UTC))  # fmt: skip


def packed(body: str | bytes, name: str = reading.BODY) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, body)
    return made.getvalue()


def test_paragraphs_and_tables(app: Flask) -> None:
    written = docx.Document()
    written.add_paragraph("Notulen <rapat>")
    written.add_paragraph("Hadir:\tBudi")
    table = written.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ("Pihak", "Sikap", "Toko", "Setuju"), strict=True
    ):
        cell.text = text
    written.add_paragraph("Selesai.")
    made = io.BytesIO()
    written.save(made)
    with app.app_context():
        text = reading.text_of(stored(made.getvalue()))
        lines = [" ".join(line.split()) for line in text.splitlines()]
        assert lines == ["Notulen <rapat>", "Hadir: Budi", "Pihak Sikap", "Toko Setuju", "Selesai."]
        assert "Hadir:\tBudi" in text
        assert reading.text_of(stored(b"Catatan\nsingkat", "text/plain")) == "Catatan\nsingkat"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 broken",
        packed("<x>", "word/other.xml"),
        packed("<w:p>"),
        packed(BOMB),
        packed(bytes(reading.UNPACKED + 1)),
    ],
    ids=["broken", "no text", "no xml", "entities", "too much"],
)
def test_what_cannot_be_read_is_told(app: Flask, content: bytes) -> None:
    with app.app_context(), pytest.raises(WrongContent):
        reading.text_of(stored(content))


def test_a_long_text_is_cut(app: Flask) -> None:
    with app.app_context():
        text = reading.text_of(stored(b"a " * 300_000, "text/plain"))
    assert reading.SHOWN < len(text) < reading.SHOWN + 200
