"""Requests about personal data, from their receipt to the answer."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import AuditEntry, Case, Customer, Document, Event, IncomingMail, LegalHold, OutgoingMail, Purge
from app.models.retention import RetentionPolicy
from app.services.accounts import setup
from app.services.cases import comments, corrections, transitions
from app.services.core import clock as services_clock
from app.services.core.access import Actor
from app.services.core.errors import Conflict, Forbidden, NotVisible, ValidationFailed
from app.services.core.wording import PURGED
from app.services.documents import storage
from app.services.notices import inbox
from app.services.privacy import erasure, export, matching, reminders, requests
from app.services.privacy.rights import RIGHTS
from tests.cast import Cast
from tests.panel.helpers import REPORT, posko

PHONE = "0812-7777-8888"
WORDS = {"phone": PHONE, "verified": "KTP ditunjukkan di loket", "details": "Minta salinan"}


@pytest.fixture
def officer(app: Flask, cast: Cast, clock: Any) -> Actor:
    posko(app)
    return cast.actor("supervisor")


@pytest.fixture
def report(app: Flask, cast: Cast, officer: Actor) -> Callable[..., int]:
    """A complaint of somebody; its case id."""
    cso = cast.actor("cso")

    def make(**answers: Any) -> int:
        with app.app_context():
            return int(
                transitions.create(cso, "keluhan", REPORT | {"name": "Rina Maharani", "phone": PHONE} | answers).id
            )

    return make


def asked(officer: Actor, right: str = "access", **words: str) -> int:
    return int(requests.record(officer, requests.Asked(right, "Rina Maharani", None, WORDS | words)).id)


def test_it_is_due_three_days_after_it_came_in(app: Flask, officer: Actor) -> None:
    with app.app_context():
        came = services_clock.now() - timedelta(hours=5)
        row = requests.record(officer, requests.Asked("access", "Rina", came, WORDS))
        assert (row.number, row.state) == (f"PDP-{came.year}-00001", "open")
        assert row.due_at - came == timedelta(hours=72)
        [entry] = db.session.query(AuditEntry).filter_by(action="privacy.recorded")
        assert (entry.subject_name, entry.detail) == (row.number, {"right": "access"})
        assert requests.counts(officer)["late"] == 0


def test_cases_that_an_officer_does_not_see_stay_anothers(make_app: Callable[..., Flask], clock: Any) -> None:
    app = make_app(PRIVACY_OFFICERS=["Supervisor", "Legal"])
    posko(app)
    cast = Cast(app)
    officer, other, cso = (cast.actor(name) for name in ("supervisor", "legal", "cso"))
    with app.test_request_context():
        setup.prepare()
        pk = int(transitions.create(cso, "keluhan", REPORT | {"phone": PHONE}).id)
        asking = asked(officer)
        requests.determine(officer, asking, [pk])
        assert erasure.judged(other, asking) == []
        requests.determine(other, asking, [pk])
        assert requests.one(officer, asking).cases == [pk], "nobody takes out what they can't see"
        told = json.loads(zipfile.ZipFile(export.export(other, asking)[1]).read("data.json"))
        assert (told["cases"], told["cases_not_included"]) == ([], 1)
    page = cast.login("legal").get(f"/privacy-requests/{asking}")
    assert "1 kasus lain menyangkut orang ini" in page.text
    assert "Tidak ada kasus yang menyangkut" not in page.text


def test_what_is_late_is_counted_and_comes_first(app: Flask, officer: Actor, clock: Any) -> None:
    with app.app_context():
        pk = asked(officer)
        clock.shift(timedelta(hours=73))
        asked(officer)
        assert requests.counts(officer) == {"open": 2, "answered": 0, "refused": 0, "late": 1}
        assert next(row.id for row in requests.page(officer, "open", 0).lines) == pk


@pytest.mark.parametrize("user", ["qc", "cs", "coo", "legal"])
def test_only_officers_have_to_do_with_them(app: Flask, cast: Cast, officer: Actor, user: str) -> None:
    with app.app_context():
        pk = asked(officer)
        other = cast.actor(user)
        for do in (
            lambda: asked(other), lambda: requests.page(other, "open", 0), lambda: requests.one(other, pk),
            lambda: requests.determine(other, pk, []), lambda: export.export(other, pk),
            lambda: requests.settle(other, pk, "Ya", refused=False), lambda: erasure.erase(other, pk, 1),
        ):  # fmt: skip
            with pytest.raises(Forbidden):
                do()


def test_all_that_is_wrong_is_said_at_once(app: Flask, officer: Actor) -> None:
    with app.app_context():
        later = services_clock.now() + timedelta(hours=1)
        with pytest.raises(ValidationFailed) as refused:
            requests.record(
                officer, requests.Asked("nothing", " ", later, {"phone": "x", "email": "x", "details": "x" * 6000})
            )
        keys = {error.key for error in refused.value.field_errors}
        assert keys == {"right_key", "name", "verified", "phone", "email", "details", "received_at"}
        with pytest.raises(ValidationFailed) as refused:
            requests.record(officer, requests.Asked("access", "Rina", None, {"verified": "KTP"}))
        assert [error.key for error in refused.value.field_errors] == ["customer_code"]


def test_cases_are_proposed_and_a_human_decides(app: Flask, officer: Actor, report: Callable[..., int]) -> None:
    mine, namesake, other = report(), report(phone="0813-1111-2222"), report(name="Orang Lain", phone="0813-3333-4444")
    with app.app_context():
        pk = asked(officer)
        found = {one.case.id: one for one in matching.matches(officer, requests.one(officer, pk))}
        assert found[mine].certain
        assert not found[namesake].certain
        assert other not in found
        with pytest.raises(Conflict):
            export.export(officer, pk)
        requests.determine(officer, pk, [mine, 999_999, -1])
        assert requests.one(officer, pk).cases == [mine]


def test_a_mail_of_theirs_leads_to_its_case(app: Flask, officer: Actor, report: Callable[..., int]) -> None:
    case = report(name="Nama Samaran", phone="0813-5555-6666")
    with app.app_context():
        db.session.add(IncomingMail(mailbox="k@contoh.example", sop="keluhan", message_id="1@contoh", state="on_case",
                                    sender="Rina@contoh.example", case_id=case))  # fmt: skip
        db.session.commit()
        pk = asked(officer, email="rina@contoh.example")
        assert case in [one.case.id for one in matching.matches(officer, requests.one(officer, pk)) if one.certain]


def test_the_export_has_everything_and_the_files(
    app: Flask, cast: Cast, officer: Actor, report: Callable[..., int]
) -> None:
    pk_case, other = report(), report(name="Orang Lain", phone="0813-3333-4444")
    with app.app_context():
        comments.write(officer, "keluhan", pk_case, "Sudah ditelepon kembali")
        taken = storage.take_in(io.BytesIO(b"isi berkas"), 1 << 20)
        db.session.add(Document(case_id=pk_case, type="../foto", version=1, round=1, filename="../../etc/rumah.txt",
                                content_type="text/plain", size=taken.size, sha256=taken.sha256,
                                storage_key=storage.keep(taken.key), uploader_name="Sari",
                                uploaded_at=services_clock.now()))  # fmt: skip
        db.session.add(OutgoingMail(case_id=pk_case, recipient="rina@contoh.example", subject="Kabar", text="Selesai"))
        db.session.add(Customer(code="ORD-1", name="Rina Maharani", phone=PHONE, phone_normalised="+6281277778888"))
        db.session.commit()
        request = asked(officer)
        requests.determine(officer, request, [pk_case])
        name, archive = export.export(officer, request)
        with archive, zipfile.ZipFile(archive) as packed:
            told = json.loads(packed.read("data.json"))
            page = packed.read("data.html").decode()
            [file] = [one for one in packed.namelist() if one.startswith("files/")]
            assert packed.read(file) == b"isi berkas"
        assert ".." not in file
        assert name == f"{told['request']}.zip"
        [case] = told["cases"]
        assert {one["key"]: one["value"] for one in case["fields"]}["phone"] == PHONE
        assert [one["code"] for one in told["customers"]] == ["ORD-1"]
        assert "Sudah ditelepon kembali" in json.dumps(case["history"])
        assert [one["subject"] for one in case["mails_out"]] == ["Kabar"]
        for words in ("Rina Maharani", "Kabar", REPORT["description"], "Sudah ditelepon kembali"):
            assert words in page
        assert "Orang Lain" not in page
        assert db.session.get(Case, other).number not in page
        assert db.session.query(AuditEntry).filter_by(action="privacy.exported").count() == 1


def closed_long_ago(case_id: int, days: int = 4000) -> None:
    case: Any = db.session.get(Case, case_id)
    case.closed_at = services_clock.now() - timedelta(days=days)
    db.session.commit()


def test_erasure_says_per_case_what_stands_against_it(app: Flask, officer: Actor, report: Callable[..., int]) -> None:
    running, held, recent, due = report(), report(), report(), report()
    with app.app_context():
        db.session.add(RetentionPolicy(sop="keluhan", document_type="", years=5))
        db.session.add(LegalHold(case_id=held, reason="Perkara", set_by="Admin"))
        db.session.commit()
        for case, days in ((held, 4000), (recent, 100), (due, 4000)):
            closed_long_ago(case, days)
        pk = asked(officer, "erasure")
        requests.determine(officer, pk, [running, held, recent, due])
        judged = {one.case.id: one.against for one in erasure.judged(officer, pk)}
        assert [bool(judged[case]) for case in (running, held, recent, due)] == [True, True, True, False]
        assert len({judged[case] for case in (running, held, recent)}) == 3
        for case in (running, held, recent):
            with pytest.raises(Conflict) as refused:
                erasure.erase(officer, pk, case)
            assert judged[case] in refused.value.message
        assert db.session.query(Purge).count() == 0
        erasure.erase(officer, pk, due)
        db.session.expire_all()
        gone: Any = db.session.get(Case, due)
        assert (gone.reporter_name, gone.title) == ("", "")
        [purged] = db.session.query(Purge)
        assert (purged.case_id, purged.whole, purged.purged_by) == (due, True, officer.name)
        assert db.session.query(Event).filter_by(case_id=due, action=PURGED).count() == 1
        actions = [line.action for line in requests.history(requests.one(officer, pk))]
        assert (actions.count("kept"), actions.count("erased")) == (3, 1)
        assert db.session.query(AuditEntry).filter_by(action="privacy.erased").count() == 1
        with pytest.raises(Conflict):
            erasure.erase(officer, pk, due)


def test_nothing_is_erased_that_nobody_asked_to_erase(app: Flask, officer: Actor, report: Callable[..., int]) -> None:
    mine, other = report(), report(name="Orang Lain", phone="0813-3333-4444")
    with app.app_context():
        db.session.add(RetentionPolicy(sop="keluhan", document_type="", years=5))
        db.session.commit()
        for case in (mine, other):
            closed_long_ago(case)
        copy, erasing = asked(officer, "access"), asked(officer, "erasure")
        for pk in (copy, erasing):
            requests.determine(officer, pk, [mine])
        for pk, case in ((copy, mine), (erasing, other)):
            with pytest.raises(NotVisible):
                erasure.erase(officer, pk, case)
        assert db.session.query(Purge).count() == 0


def test_an_answer_settles_it_once(app: Flask, officer: Actor) -> None:
    with app.app_context():
        pk = asked(officer)
        for empty in ("", "  \x00"):
            with pytest.raises(ValidationFailed):
                requests.settle(officer, pk, empty, refused=False)
        with pytest.raises(Conflict):
            requests.settle(officer, pk, "Dikirim", refused=False, version=7)
        row = requests.settle(officer, pk, "Salinan dikirim lewat email", refused=False)
        assert (row.state, row.answered_by_id) == ("answered", officer.id)
        for late in (
            lambda: requests.settle(officer, pk, "Lagi", refused=True),
            lambda: requests.determine(officer, pk, []),
        ):
            with pytest.raises(Conflict):
                late()
        refused = requests.settle(officer, asked(officer, "objection"), "Bukan data Anda", refused=True)
        assert refused.state == "refused"
        assert [line.action for line in requests.history(refused)] == ["refused", "recorded"]


def test_every_right_of_the_law_can_be_asked(app: Flask, officer: Actor) -> None:
    with app.app_context():
        assert [requests.one(officer, asked(officer, key)).right_key for key in RIGHTS] == list(RIGHTS)


def test_a_correction_is_that_of_the_case(app: Flask, cast: Cast, officer: Actor, report: Callable[..., int]) -> None:
    """The request leads there; the history of the case keeps both values."""
    case = report(name="Rina Maharni")
    with app.app_context():
        pk = asked(officer, "correction")
        requests.determine(officer, pk, [case])
        corrections.correct(cast.actor("cso"), "keluhan", case, {"name": "Rina Maharani"}, "Diminta pelanggan")
        db.session.expire_all()
        assert db.session.get(Case, case).reporter_name == "Rina Maharani"


def test_officers_are_warned_as_its_time_runs_out(app: Flask, cast: Cast, officer: Actor, clock: Any) -> None:
    """Each level once; the notice leads whoever is no officer nowhere."""
    cs = cast.actor("cs")
    with app.app_context():
        pk = asked(officer)
        number = requests.one(officer, pk).number
        assert reminders.watch() == 0
        for hours, level in ((36, 50), (22, 80), (15, 100)):
            clock.shift(timedelta(hours=hours))
            assert (reminders.watch(), reminders.watch()) == (1, 0)
            line = inbox.page(officer).lines[0]
            assert (line.kind, line.action) == ("privacy_due", f"{number}@{level}")
            assert number in line.sentence
        assert not inbox.page(cs).lines
        settled = asked(officer)
        requests.settle(officer, settled, "Sudah", refused=False)
        clock.shift(timedelta(hours=100))
        assert reminders.watch() == 0
