"""The reports: what is in them, for whom, in which language; on both databases."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.models import Case, Clock, Event, Link
from app.services import reports
from app.services.core import clock
from app.services.core.errors import Malformed, NotVisible, TooLarge
from app.services.reports import parts
from app.sop import SOPS
from tests.services.reports.reporting import UNITS, Office, content, every, rows


@pytest.fixture
def office(any_app: Flask) -> Iterator[Office]:
    with any_app.test_request_context():
        yield Office(any_app)


def total(model: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count(model.id)).where(*where)) or 0


def test_everybody_has_those_of_his_procedures(office: Office) -> None:
    keys = {report.key for report in reports.reports_of(office.actor("legal"))}
    assert {"cases-somasi", "events-somasi", "hearings", "deadlines"} <= keys
    assert not keys & {"cases-keluhan", "mutations", "callbacks", "ojk", "retention", "indicators"}
    assert {"mutations", "events-gangguan"} <= {report.key for report in reports.reports_of(office.actor("cso"))}
    assert {"retention", "retention-removed", "indicators"} <= {r.key for r in reports.reports_of(office.actor("qc"))}
    assert {report.key for report in reports.reports_of(office.actor("supervisor"))} == set(reports.known())
    for key in ("mutations", "cases-keluhan", "nothing", ""):
        with pytest.raises(NotVisible):
            reports.report_of(office.actor("legal"), key)


def test_each_comes_in_each_of_its_formats(office: Office) -> None:
    supervisor = office.actor("supervisor")
    for key, form in every(supervisor):
        for lang in ("id", "en"):
            assert content(supervisor, key, form=form, lang=lang)
        try:
            query = parts.read(reports.report_of(supervisor, key), supervisor, {"format": form, "from": "2031-01-01"})
        except Malformed:
            continue
        assert content(supervisor, key, form=form, since=query.since), "what was not refused is no error later"


def test_as_many_rows_as_there_are(office: Office) -> None:
    supervisor = office.actor("supervisor")
    for sop in SOPS:
        cases = total(Case, Case.sop == sop)
        assert len(rows(supervisor, f"cases-{sop}")) == cases
        of_sop = select(Case.id).where(Case.sop == sop)
        assert len(rows(supervisor, f"events-{sop}")) == total(Event, Event.case_id.in_(of_sop))
    assert len(rows(supervisor, "mutations")) == total(Link) == 1
    assert len(rows(supervisor, "deadlines")) == total(Clock)
    for key, _form in every(supervisor):
        report = reports.report_of(supervisor, key)
        if report.estimate:
            query = reports.ReportParams(lang="en")
            assert reports.estimated(supervisor, report, query) == len(rows(supervisor, key))


def test_a_unit_has_its_own_rows_alone(office: Office) -> None:
    unit = office.actor("unit", unit=UNITS[0])
    assert len(rows(unit, "cases-keluhan")) == 3
    assert len({row["Number"] for row in rows(unit, "events-keluhan")}) == 3
    assert len(rows(unit, "mutations")) == 1
    other = office.actor("other", "unit", unit=UNITS[1])
    assert len(rows(other, "cases-keluhan")) == 1
    assert rows(other, "mutations") == []
    assert [c.key for c in reports.report_of(other, "cases-keluhan").choices(other)["unit"]] == [UNITS[1]]
    with pytest.raises(Malformed):
        parts.read(reports.report_of(other, "cases-keluhan"), other, {"unit": UNITS[0]})


def test_the_history_tells_every_step(office: Office) -> None:
    lines = rows(office.actor("cso"), "events-keluhan", state="cancelled")
    assert [(row["Step"], row["From status"], row["To status"]) for row in lines] == [
        ("Report a complaint", "", "Reported"), ("Mutate to an outage", "Reported", "Cancelled"),
        ("Report a complaint", "", "Reported"), ("Cancel the report", "Reported", "Cancelled"),
    ]  # fmt: skip
    assert lines[3]["By"] == "Unit Uji"
    assert lines[3]["Note"].startswith("'="), "no formula"


def test_a_mutation_names_both_halves(office: Office) -> None:
    [pair] = rows(office.actor("cso"), "mutations")
    assert (pair["Complaint (keluhan)"][0], pair["Outage (gangguan)"][:3]) == ("K", "G99")
    assert (pair["Unit"], pair["Reason of the mutation"]) == ("ULP_MENTENG", "Needs handling at once")
    today = clock.today()
    assert rows(office.actor("cso"), "mutations", until=today - timedelta(days=1)) == []
    assert len(rows(office.actor("cso"), "mutations", since=today, until=today)) == 1


def test_narrowed_by_period_state_and_unit(office: Office) -> None:
    cso, today = office.actor("cso"), clock.today()
    assert len(rows(cso, "cases-keluhan", state="cancelled")) == 2
    assert len(rows(cso, "cases-keluhan", unit=UNITS[1])) == 1
    assert len(rows(cso, "events-keluhan", unit=UNITS[1])) == 1
    assert len(rows(cso, "cases-keluhan", since=today, until=today)) == 4
    assert rows(cso, "cases-keluhan", since=today + timedelta(days=1)) == []


def test_deadlines_by_their_outcome(office: Office) -> None:
    now, pk = clock.now(), office.cases[0]
    db.session.query(Clock).delete()
    for outcome, due in (("kept", now), ("missed", now), ("", now), ("", None)):
        db.session.add(Clock(case_id=pk, sop="keluhan", key="state:reported", state="reported", started_at=now,
                             due_at=due, outcome=outcome))  # fmt: skip
    db.session.commit()
    cso = office.actor("cso")
    assert [row["Outcome"] for row in rows(cso, "deadlines")] == ["Kept", "Missed", "Running", "Paused"]
    for outcome in ("kept", "missed", "running", "paused"):
        assert len(rows(cso, "deadlines", state=outcome)) == 1
    assert rows(office.actor("legal"), "deadlines") == []
    assert rows(cso, "deadlines", sop="gangguan") == []


def test_language_of_headings_and_labels(office: Office) -> None:
    cso = office.actor("cso")
    english, indonesian = rows(cso, "cases-keluhan"), rows(cso, "cases-keluhan", lang="id")
    assert (english[2]["Status"], indonesian[2]["Status"]) == ("Cancelled", "Batal")
    assert set(english[0]) != set(indonesian[0])


def test_phones_and_formulas_in_a_workbook(office: Office) -> None:
    office.reported(name="=HYPERLINK(1)")
    with zipfile.ZipFile(io.BytesIO(content(office.actor("cso"), "cases-keluhan", form="xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "0812-3456-7345" in sheet


@pytest.mark.parametrize(
    "query",
    [
        {"format": "pdf"}, {"format": "xes"}, {"from": "yesterday"}, {"to": "2026-02-30"}, {"lang": "fr"},
        {"unit": "x"}, {"state": "nowhere"}, {"from": "2026-02-02", "to": "2026-02-01"}, {"background": "2"},
        {"colour": "red"}, {"sop": "keluhan"}, {"form": "csv"},
    ],
)  # fmt: skip
def test_a_query_without_sense_is_refused(office: Office, query: dict[str, str]) -> None:
    cso = office.actor("cso")
    with pytest.raises(Malformed) as refused:
        parts.read(reports.report_of(cso, "cases-keluhan"), cso, MultiDict(query))
    assert refused.value.message


def test_ojk_has_no_end_and_no_quarter_before_its_rule(office: Office) -> None:
    supervisor = office.actor("supervisor")
    for query in ({"to": "2026-01-01"}, {"from": "2017-12-31"}):
        with pytest.raises(Malformed):
            parts.read(reports.report_of(supervisor, "ojk"), supervisor, query)


def test_a_query_can_be_made_again(office: Office) -> None:
    cso = office.actor("cso")
    sent = {"format": "xlsx", "from": "2026-01-02", "to": "2026-03-04", "lang": "en", "state": "reported",
            "unit": UNITS[0]}  # fmt: skip
    query = parts.read(reports.report_of(cso, "cases-keluhan"), cso, sent)
    assert parts.again("xlsx", query.as_args()) == query
    assert query.as_args() == {key: value for key, value in sent.items() if key != "format"}


def test_more_than_a_workbook_holds(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_ROWS", 4)
    cso = office.actor("cso")
    report = reports.report_of(cso, "cases-keluhan")
    assert reports.estimated(cso, report, reports.ReportParams("csv")) == 4
    with pytest.raises(TooLarge):
        reports.estimated(cso, report, reports.ReportParams("xlsx"))


def test_every_calendar_has_its_report() -> None:
    declared = {records.key for sop in SOPS.values() for records in sop.records if records.calendar}
    assert declared == {"hearings", "callbacks"}
    assert declared <= set(reports.known())
