"""Files that a real clamd looks at: what it finds is not taken; while it is away, settings say what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Document
from app.services.documents import inspection
from tests import clamd
from tests.api.story import SCAN
from tests.cast import Api, Cast
from tests.clamd import EICAR, Clamd
from tests.conftest import missing_part
from tests.panel.helpers import SOMASI


@pytest.fixture(scope="module")
def scanner() -> Iterator[Clamd]:
    try:
        with clamd.running() as one:
            yield one
    except FileNotFoundError:
        missing_part("Debian's clamav-daemon")


@pytest.fixture
def legal(any_app: Flask) -> Api:
    return Cast(any_app).api("legal")


def made(legal: Api) -> Any:
    return legal.post("/somasi/", SOMASI, files={"somasi": SCAN})


def infected(number: int = 0) -> tuple[str, bytes]:
    return (f"surat{number}.txt", b"Selamat pagi, %d\n" % number + EICAR)


def told(app: Flask) -> list[AuditEntry]:
    with app.app_context():
        wanted = select(AuditEntry).where(AuditEntry.action == "file.infected").order_by(AuditEntry.seq)
        return list(db.session.scalars(wanted))


@pytest.mark.parametrize("way", ["socket", "place"])
def test_what_is_infected_is_not_taken(any_app: Flask, legal: Api, scanner: Clamd, way: str) -> None:
    any_app.config["CLAMD_SOCKET"] = getattr(scanner, way)
    case = made(legal)
    assert case.status_code == 201
    path = f"/somasi/{case.json['id']}/comments"
    answer = legal.post(path, {"text": "Terlampir."}, files={"files": infected()})
    assert answer.status_code == 422
    assert "surat0.txt terinfeksi virus (Eicar-Inside" in answer.json["message"]
    assert legal.get(path).json == []
    [entry] = told(any_app)
    assert (entry.account, entry.subject_name, entry.detail["virus"].startswith("Eicar")) == (
        "legal",
        "surat0.txt",
        True,
    )
    # Also in the form, with the sentence, and where nothing else is wrong.
    page = Cast(any_app).login("legal").post("/somasi/new", data=SOMASI | {"somasi": as_file(infected(1))})
    assert "terinfeksi virus" in page.text
    with any_app.app_context():
        assert {d.scanned for d in db.session.scalars(select(Document))} == {"clean"}


def as_file(named: tuple[str, bytes]) -> Any:
    import io

    return (io.BytesIO(named[1]), named[0])


def test_while_it_is_away_nothing_is_taken(any_app: Flask, legal: Api) -> None:
    any_app.config["CLAMD_SOCKET"] = "/nowhere/clamd"
    answer = made(legal)
    assert answer.status_code == 503
    assert "tidak dapat diperiksa dari virus" in answer.json["message"]
    any_app.config["CLAMD_SOCKET"] = "127.0.0.1:1"
    assert made(legal).status_code == 503


def test_or_it_is_taken_marked_and_checked_later(any_app: Flask, legal: Api, scanner: Clamd) -> None:
    any_app.config.update(CLAMD_SOCKET="/nowhere/clamd", CLAMD_AWAY="accept")
    path = f"/somasi/{made(legal).json['id']}"
    said = legal.post(f"{path}/comments", {"text": "Terlampir."}, files={"files": infected()})
    assert said.status_code == 201
    [file] = said.json["files"]
    assert [warning["key"] for warning in file["warnings"]] == ["waiting"]
    content = f"{path}/documents/{file['id']}/content"
    assert legal.get(content).status_code == 200
    with any_app.app_context():
        inspection.scan_waiting()  # still away: nothing changes
    assert legal.get(content).status_code == 200
    any_app.config["CLAMD_SOCKET"] = scanner.socket
    with any_app.app_context():
        inspection.scan_waiting()
    answer = legal.get(content)
    assert answer.status_code == 403
    assert "Virus ditemukan" in answer.json["message"]
    [entry] = told(any_app)
    assert (entry.actor_name, entry.subject, entry.detail["case"]) == (
        "Tuntas",
        str(file["id"]),
        int(path.split("/")[2]),
    )
    page = Cast(any_app).login("legal").get(path).text
    assert "belum diperiksa dari virus" not in page
    assert legal.get(f"{path}/documents/somasi/content").status_code == 200
