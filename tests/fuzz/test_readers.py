"""What comes from outside as a file or a mail is read or refused in words; nothing breaks on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.extensions import db
from app.services.core.errors import Malformed
from app.services.imports import customers, engine
from app.services.mail.parsing import parse
from app.sop import own_parts
from tests import figures
from tests.fuzz.conftest import tries
from tests.services.mail import building

pytestmark = pytest.mark.slow
CUSTOMERS = b'Order ID,Nama,Telepon,Tagihan,Jatuh tempo\nORD-1,Siti,0812 3456 7890,"1.250.000",2026-11-30\n'
APKT = (
    b"No Lapor;Status;Tanggal Buat;Nama;Deskripsi;Posko\nK5426111800001;Batal;18/11/2026 08:00;Siti;Padam;Menteng\n"
    b"G9926111800001;Lapor;18/11/2026 09:00;Siti;MUTASI K : K5426111800001 : Padam;Menteng\n"
)
MAILS = [
    building.plain("a"), building.in_charset("b", "Tagihan é", "iso-8859-1"),
    building.letter("c", "Halo", "<p>Halo</p>").as_bytes(),
]  # fmt: skip
#: What breaks readers: ends of text, quotes, separators, other encodings, what no text may have.
NASTY = [
    b"\x00",
    b'"',
    b"\r",
    b"\n\n",
    b";",
    b"\t",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"=?utf-8?b?",
    b"--b--",
    b"9" * 400,
]


def spoilt(samples: list[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, or a sample in which pieces are cut out, doubled or put in."""

    @st.composite
    def made(draw: Callable[..., object]) -> bytes:
        content = draw(st.sampled_from(samples))
        assert isinstance(content, bytes)
        for _change in range(draw(st.integers(0, 6))):  # type: ignore[call-overload]
            at, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))  # type: ignore[call-overload]
            put = draw(st.one_of(st.sampled_from(NASTY), st.binary(max_size=8), st.just(content[at:end])))
            assert isinstance(put, bytes)
            content = content[:at] + put + content[end if draw(st.booleans()) else at :]
        return content

    return st.one_of(st.binary(max_size=200), made())


@tries(150)
@given(raw=spoilt(MAILS))
def test_any_mail_is_read(raw: bytes) -> None:
    figures.count("files and mails read")
    mail = parse(raw)
    assert mail.message_id
    assert "\x00" not in mail.subject + mail.text + mail.reply


def test_any_table_of_customers_is_read_or_refused(stage: Flask, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"

    @tries(60)
    @given(raw=spoilt([CUSTOMERS]))
    def read(raw: bytes) -> None:
        figures.count("files and mails read")
        path.write_bytes(raw)
        with suppress(Malformed):
            customers.take_over(path)

    with stage.app_context():
        read()
        db.session.rollback()


def test_any_table_of_cases_is_read_or_refused(stage: Flask, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    sources = [one.IMPORT for one in own_parts("import_file")]

    @tries(40)
    @given(raw=spoilt([APKT]))
    def read(raw: bytes) -> None:
        figures.count("files and mails read")
        path.write_bytes(raw)
        for source in sources:
            with suppress(Malformed):
                engine.take_over(source, path)

    with stage.app_context():
        read()
        db.session.rollback()
