"""The disk is full: said in words, and nothing half done. The disk is a real one, of a single megabyte."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Case, Document
from app.services.cases import transitions
from app.services.core.errors import Unavailable
from app.services.documents import documents
from tests.cast import Cast
from tests.databases import sqlite_alone
from tests.services.cases.test_transitions import REPORT, depok

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_that_does_not_fit_changes_nothing(make_app: Callable[..., Flask], small_disk: Path, pdf: bytes) -> None:
    app = make_app(STORAGE_URL=f"file://{small_disk}")
    with app.test_request_context():
        depok()
        actor = Cast(app).actor("cso")
        large: Any = {"foto": [documents.Upload("foto.pdf", io.BytesIO(pdf + bytes(1_500_000)))]}
        with pytest.raises(Unavailable, match="penuh"):
            transitions.create(actor, "keluhan", REPORT, large)
        assert db.session.query(Case).count() == db.session.query(Document).count() == 0
        small: Any = {"foto": [documents.Upload("foto.pdf", io.BytesIO(pdf))]}
        assert transitions.create(actor, "keluhan", REPORT, small).number.endswith("00001")


def report_until_refused(actor: Any) -> None:
    for _report in range(50):
        transitions.create(actor, "keluhan", REPORT | {"description": "padam " * 2000})


@sqlite_alone
def test_a_full_database_changes_nothing(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with app.test_request_context():
        depok()
        actor = Cast(app).actor("cso")
        db.session.remove()
        pages = db.session.connection().exec_driver_sql("PRAGMA page_count").scalar()
        db.session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(Unavailable, match="penuh"):
            report_until_refused(actor)
        numbers = [case.number for case in db.session.query(Case).order_by(Case.id)]
        db.session.connection().exec_driver_sql("PRAGMA max_page_count=1000000")
        following = transitions.create(actor, "keluhan", REPORT).number
        assert int(following[-5:]) == len(numbers) + 1, "the refused report took no number"
