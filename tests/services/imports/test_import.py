"""Taking over the reports of APKT."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, make_url, select

from app.extensions import db
from app.models import Case, Counter, Event, Link, Posko, Unit
from app.services.cases import transitions
from app.services.core import history
from app.services.core.errors import Malformed
from app.services.imports import engine
from app.services.search.search import search
from app.sop.apkt import import_file
from app.sop.apkt.import_file import IMPORT
from tests.cast import Cast
from tests.databases import sqlite_alone
from tests.services.cases.test_transitions import REPORT, depok

preview, take_over = partial(engine.preview, IMPORT), partial(engine.take_over, IMPORT)
#: The table of the circular of 16 April 2021, as it is printed there.
HEADING = "No. Lapor\tPrioritas\tNama\tStatus\tAlamat Pelapor\tLokasi\tPosko\tNo.Telepon\tDeskripsi\tPenyebab\tTanggal Buat\tTanggal Pak\n"  # noqa: E501
ROWS = (
    "G5420032400007\tA\tSigit Test Prioritas\tPengusutan Regu\tDepok\t\tPOSKO ULP DEPOK KOTA\t878\ttest\t\t24 Mar 2020 14:01:19\t24 Mar 2020 14:01:19\n"  # noqa: E501
    "G5921041400058\t\tTESTING ALIH GANGGUAN\tLapor\tTRUNOJOYO\t\tPOSKO ULP DEPOK KOTA POSKO\t\tMUTASI K : K5421041400002 : TESTING ALIH GANGGUAN 2\t\t14 Apr 2021 09:00:18\t14 Apr 2021 09:00:18\n"  # noqa: E501
)
COMPLAINT = "K5421041400002\t\tTESTING\tBatal\tTRUNOJOYO\t\tPOSKO ULP DEPOK KOTA\t\tTESTING ALIH GANGGUAN 2\t\t14 Apr 2021 08:00:00\t\n"  # noqa: E501
SHORT = "No. Lapor,Status,Tanggal Buat,Nama,Prioritas,Tanggal Padam\n"


@pytest.fixture
def world(any_app: Flask) -> Any:
    with any_app.test_request_context():
        yield Cast(any_app)
        db.session.remove()


@pytest.fixture
def lite(app: Flask) -> Any:
    """On SQLite alone, for what the database has no part in."""
    with app.test_request_context():
        yield Cast(app)
        db.session.remove()


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "apkt.csv"
    path.write_bytes(text.encode(encoding))
    return path


def case(number: str) -> Any:
    return db.session.scalars(select(Case).where(Case.number == number)).unique().one()


def test_what_is_no_phone_is_listed_with_its_row(lite: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, HEADING + ROWS.replace("\t878\t", "\ttidak ada\t"))
    outcome = preview(path, unit="ULP-DPK")
    assert [(bad.line, bad.number) for bad in outcome.bad] == [(2, "G5420032400007")]
    assert outcome.new == 1


def test_the_two_rows_of_the_circular_import_as_they_stand(world: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, HEADING + ROWS)
    outcome = preview(path, unit="ULP-DPK")
    assert (outcome.new, outcome.there, outcome.bad) == (2, 0, [])
    assert outcome.units == ["ULP-DPK"]
    assert outcome.poskos == {"POSKO ULP DEPOK KOTA": "ULP-DPK", "POSKO ULP DEPOK KOTA POSKO": "ULP-DPK"}
    assert db.session.scalar(select(func.count()).select_from(Case)) == 0
    assert db.session.scalar(select(func.count()).select_from(Posko)) == 0
    assert take_over(path, unit="ULP-DPK").new == 2
    first, second = case("G5420032400007"), case("G5921041400058")
    assert (first.sop, first.state, first.priority, first.name, first.address) == (
        "gangguan", "investigating", "a", "Sigit Test Prioritas", "Depok"
    )  # fmt: skip
    assert (first.phone, first.reporter_phone, first.description, first.cause) == ("878", "878", "test", None)
    assert first.created_at == first.outage_at == datetime(2020, 3, 24, 7, 1, 19, tzinfo=UTC)
    assert (second.state, second.priority, second.phone) == ("reported", None, None)
    assert second.posko.name == "POSKO ULP DEPOK KOTA POSKO"
    assert first.unit_id == second.unit_id == db.session.scalars(select(Unit.id)).one()
    [event] = db.session.scalars(select(Event).where(Event.case_id == first.id))
    assert (event.action, event.actor_name, event.to_state) == ("import", "Tuntas", "investigating")
    assert list(history.verify(db.session())) == []
    assert [hit.case.number for hit in search(world.actor("cso"), "sigit")] == ["G5420032400007"]
    assert [hit.case.number for hit in search(world.actor("cso"), "K54 210414 00002")] == ["G5921041400058"]


def test_again_gives_no_duplicates_and_numbers_go_on(world: Cast, tmp_path: Path, monkeypatch: Any) -> None:
    depok()
    from app.services.core import clock

    path = written(tmp_path, HEADING + ROWS.replace("G59", "G54") + COMPLAINT)
    assert take_over(path).new == 3
    again = take_over(path)
    assert (again.new, again.there, again.poskos, again.links) == (0, 3, {}, 0)
    assert db.session.scalar(select(func.count()).select_from(Posko)) == 3
    assert db.session.get(Counter, "G54210414").value == 58
    day = datetime(2021, 4, 14, 12, tzinfo=clock.zone())
    monkeypatch.setattr(clock, "now", lambda: day)
    cso = world.actor("cso")
    assert transitions.create(cso, "gangguan", REPORT).number == "G5421041400059"
    assert transitions.create(cso, "keluhan", REPORT).number == "K5421041400003"


@pytest.mark.parametrize("order", ["before", "after", "an earlier file", "a later file", "a report of our own"])
def test_a_mutated_pair_is_linked_in_whatever_order_it_comes(world: Cast, tmp_path: Path, order: str) -> None:
    files = {
        "before": [COMPLAINT + ROWS], "after": [ROWS + COMPLAINT], "an earlier file": [COMPLAINT, ROWS],
        "a later file": [ROWS, COMPLAINT], "a report of our own": [ROWS],
    }[order]  # fmt: skip
    if order == "a report of our own":
        depok()
        ours = transitions.create(world.actor("cso"), "keluhan", REPORT)
        files = [ROWS.replace("K5421041400002", ours.number)]
    for rows in files:
        outcome = take_over(written(tmp_path, HEADING + rows))
    assert outcome.links == 1
    [link] = db.session.scalars(select(Link))
    assert (link.kind, link.source.sop, link.target.number) == ("mutation", "keluhan", "G5921041400058")
    [hit] = search(world.actor("cso"), link.source.number)
    assert (hit.case.number, [c.number for c in hit.related]) == ("G5921041400058", [link.source.number])


@pytest.mark.parametrize(("delimiter", "encoding"), [
    (",", "utf-8"), (";", "utf-8"), ("\t", "utf-8-sig"), (";", "utf-8-sig"), (",", "cp1252"),
])  # fmt: skip
def test_every_way_of_writing_the_table(lite: Cast, tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = 'NO LAPOR,status , tanggal buat,NAMA,"Repeats"\nK5421041400001,LAPOR,14 Mei 2021 09.30,"André, B.",7\n'
    if delimiter != ",":
        text = text.replace(",", delimiter).replace("André" + delimiter, "André,")
    path = written(tmp_path, "\n" + text, encoding)
    outcome = take_over(path, encoding="cp1252" if encoding == "cp1252" else "utf-8")
    assert (outcome.new, outcome.bad) == (1, [])
    assert case("K5421041400001").name == "André, B."
    assert case("K5421041400001").created_at == datetime(2021, 5, 14, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(("number", "status", "state"), [
    ("G", "Lapor", "reported"), ("G", "penugasan regu", "crew_assigned"), ("G", "Dalam Perjalanan", "en_route"),
    ("G", "Pengusutan Regu", "investigating"), ("G", "NYALA", "restored"), ("G", "Selesai", "resolved"),
    ("G", "Batal", "cancelled"), ("K", "Dalam penanganan", "in_progress"), ("K", "Lapor", "reported"),
    ("K", "Selesai", "resolved"), ("K", "BATAL", "cancelled"), ("G", "Power restored", "restored"),
    ("G", "en_route", "en_route"), ("K", "In progress", "in_progress"),
])  # fmt: skip
def test_every_status(lite: Cast, tmp_path: Path, number: str, status: str, state: str) -> None:
    path = written(tmp_path, SHORT + f"{number}5421041400001,{status},2021-04-14 09:00,Ani,,\n")
    assert take_over(path).bad == []
    found = case(f"{number}5421041400001")
    assert found.state == state
    assert (found.closed_at is not None) == (state in ("resolved", "cancelled"))


@pytest.mark.parametrize(("typed", "utc"), [
    ("24 Mar 2020 14:01:19", (2020, 3, 24, 7, 1, 19)), ("5 Mei 2021 09:00", (2021, 5, 5, 2, 0)),
    ("17 Agustus 2021 00:30:00", (2021, 8, 16, 17, 30)), ("1 Okt 2021 7.05", (2021, 10, 1, 0, 5)),
    ("31 Des 2021 23:59:59", (2021, 12, 31, 16, 59, 59)), ("02-Agu-2021 10:00", (2021, 8, 2, 3, 0)),
    ("2021-04-14T09:00:18", (2021, 4, 14, 2, 0, 18)), ("2021-04-14T09:00:18+00:00", (2021, 4, 14, 9, 0, 18)),
    ("14/04/2021 09:00", (2021, 4, 14, 2, 0)), ("14/04/2021 09:00:18", (2021, 4, 14, 2, 0, 18)),
    ("2021-04-14 09:00", (2021, 4, 14, 2, 0)), ("14 April 2021", (2021, 4, 13, 17, 0)),
])  # fmt: skip
def test_every_writing_of_a_date(lite: Cast, tmp_path: Path, typed: str, utc: tuple[int, ...]) -> None:
    take_over(written(tmp_path, SHORT + f"K5421041400001,Lapor,{typed},Ani,,{typed}\n"))
    assert case("K5421041400001").created_at == case("K5421041400001").outage_at == datetime(*utc, tzinfo=UTC)


def test_bad_rows_are_listed_and_the_rest_is_imported(world: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, SHORT + "\n".join([
        "K5421041400001,Lapor,14/04/2021 09:00,Ani,A,", ",Lapor,14/04/2021 09:00,Ani,,",
        "X12,Lapor,14/04/2021 09:00,Ani,,", "K5421041400002,Nyala,14/04/2021 09:00,Ani,,",
        "K5421041400003,Lapor,,Ani,,", "K5421041400004,Lapor,31 Feb 2021,Ani,,",
        "K5421041400001,Lapor,14/04/2021 09:00,Ani,,", "", "K5421041400005,Lapor,14/04/2021 09:00,Ani,Z,",
        "K5421041400006,Lapor,14/04/2021 09:00,Ani,,kemarin", "K5421041400007,Lapor,14/04/2021 09:00,Ani,,,lebih",
        f"K5421041400008,Lapor,14/04/2021 09:00,{'x' * 300},,", 'K5421041400009,Lapor,14/04/2021 09:00,"dua\nbaris",,',
        "K5421041400010,lapor", "K54 210414 00011,lapor,14/04/2021 09:00",
    ]))  # fmt: skip
    outcome = take_over(path)
    assert outcome.new == 3
    assert [bad.line for bad in outcome.bad] == [3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 16]
    assert all(bad.reason for bad in outcome.bad)
    assert set(db.session.scalars(select(Case.number))) == {"K5421041400001", "K5421041400009", "K5421041400011"}


@pytest.mark.parametrize(
    "text", ["", "\n\n", "a,b,c\n1,2,3\n", "No. Lapor,Nama\nK1,x\n", "\x00\x01\x02", '"', "No. Lapor;Status\n"]
)
def test_what_is_no_such_table_is_refused_in_words(lite: Cast, tmp_path: Path, text: str) -> None:
    with pytest.raises(Malformed):
        preview(written(tmp_path, text))


def test_a_file_of_another_encoding_is_refused(lite: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, SHORT + "K5421041400001,Lapor,14/04/2021,André,,\n", "cp1252")
    with pytest.raises(Malformed, match="utf-8"):
        preview(path)
    with pytest.raises(Malformed):
        preview(path, encoding="klingon")


def test_poskos_are_known_by_name_or_code_and_go_to_the_unit_of_their_like(world: Cast, tmp_path: Path) -> None:
    depok()
    heading = "No. Lapor,Status,Tanggal Buat,Posko\n"
    rows = [f"K542104140000{n},Lapor,14/04/2021,{posko}" for n, posko in
            enumerate(["posko  depok", "DPK", "DEPOK", "Depok Posko", "Bogor", "", "POSKO DEPOK"])]  # fmt: skip
    outcome = take_over(written(tmp_path, heading + "\n".join(rows)))
    assert outcome.poskos == {"DEPOK": "ULP-DPK", "Depok Posko": "ULP-DPK", "Bogor": None}
    assert outcome.units == []
    assert [case(f"K542104140000{n}").posko.name if n != 5 else case("K5421041400005").posko for n in range(7)] == [
        "Posko Depok", "Posko Depok", "DEPOK", "Depok Posko", "Bogor", None, "Posko Depok"
    ]  # fmt: skip


def test_the_command_lists_first_and_imports_with_apply(app: Flask, tmp_path: Path) -> None:
    path = written(tmp_path, HEADING + ROWS + "X\t\t\tLapor\n")
    runner = app.test_cli_runner()
    result = runner.invoke(args=["import-apkt", str(path), "--unit", "ULP-DPK"])
    assert result.exit_code == 0
    assert "POSKO ULP DEPOK KOTA POSKO" in result.output
    assert "X" in result.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Case)) == 0
        db.session.remove()
    assert runner.invoke(args=["import-apkt", str(path), "--unit", "ULP-DPK", "--apply"]).exit_code == 0
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Case)) == 2
        db.session.remove()
    refused = runner.invoke(args=["import-apkt", str(written(tmp_path, "a,b\n"))])
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output


@sqlite_alone
def test_others_write_while_the_table_is_read(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it is: the lock is taken for a batch that was read."""
    monkeypatch.setattr(engine, "BATCH", 1)
    database, read, rows = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database, [], import_file.rows

    def slowly(*arguments: Any) -> Any:
        for row in rows(*arguments):
            with closing(sqlite3.connect(str(database), timeout=0)) as other, other:
                other.execute("INSERT INTO units (code, name, active) VALUES (?, 'x', 1)", (f"u{len(read)}",))
            read.append(row)
            yield row

    monkeypatch.setattr(import_file, "rows", slowly)
    path = written(tmp_path, HEADING + ROWS)
    done = app.test_cli_runner().invoke(args=["import-apkt", str(path), "--unit", "ULP-DPK", "--apply"])
    assert done.exit_code == 0, done.output
    assert len(read) == 6, "the preview, the look ahead, the import"


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_the_list_exports_imports_unchanged(make_app: Any, tmp_path: Path, language: str) -> None:
    """From one office to another: the same CSV comes out again."""
    from flask_babel import force_locale

    from app.models.derive import case_model
    from app.services.tables import csv_writing

    def exported() -> list[str]:
        with force_locale(language):
            return [
                b"".join(
                    csv_writing.csv_lines(
                        csv_writing.headings(SOPS[sop]),
                        csv_writing.rows(SOPS[sop], db.session.query(case_model(sop)).order_by(Case.id)),
                    )
                ).decode()
                for sop in ("keluhan", "gangguan")
            ]

    from app.sop import SOPS

    first, second = make_app(), make_app()
    with first.test_request_context():
        depok()
        cast = Cast(first)
        awkward = REPORT | {
            "description": '=2+3|"a";\nb, c',
            "name": "-Ani",
            "priority": "b",
            "outage_at": "2026-01-02 03:04",
        }
        for sop in ("keluhan", "gangguan"):
            transitions.create(cast.actor("cso"), sop, REPORT)
            done = transitions.create(cast.actor("cso"), sop, awkward)
        transitions.perform(cast.actor("unit", unit="ULP-DPK"), "gangguan", done.id, "cancel", {}, note="salah")
        before = exported()
        db.session.remove()
    with second.test_request_context():
        depok()
        for csv in before:
            outcome = take_over(written(tmp_path, csv))
            assert (outcome.new, outcome.bad, outcome.poskos) == (2, [], {})
        assert exported() == before
        db.session.remove()
